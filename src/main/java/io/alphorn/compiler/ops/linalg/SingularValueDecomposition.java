package io.alphorn.compiler.ops.linalg;

import java.util.Arrays;
import java.util.function.DoublePredicate;

/**
 * A = U diag(s) Vᵀ with s descending, by two-sided Jacobi rotations as Eigen's {@code JacobiSVD}.
 *
 * @param left U, square
 * @param right V, square
 */
public record SingularValueDecomposition(Matrix left, double[] values, Matrix right) {
  private static final double PRECISION = 2 * Math.ulp(1.0);
  private static final int MAX_SWEEPS = 100;

  /** The matrices on the way: A = left · work · rightᵀ. */
  private record Sides(Matrix left, Matrix work, Matrix right) {}

  public static SingularValueDecomposition of(Matrix matrix) {
    double greatest = matrix.greatest();
    double scale = greatest == 0 ? 1 : greatest;
    Sides sides = precondition(matrix.times(1 / scale));
    if (Double.isFinite(greatest)) {
      diagonalize(sides);
    }
    return sorted(sides, scale);
  }

  /** Without the columns of U and V that meet no singular value. */
  public SingularValueDecomposition thin() {
    return new SingularValueDecomposition(
        left.topLeft(left.rows(), values.length),
        values,
        right.topLeft(right.rows(), values.length));
  }

  /** The pseudo-inverse V diag(1 / s) Uᵀ from those singular values that {@code kept} accepts. */
  public Matrix inverse(DoublePredicate kept) {
    SingularValueDecomposition thin = thin();
    double[] inverses = Arrays.stream(values).map(s -> kept.test(s) ? 1 / s : 0).toArray();
    return thin.right.timesDiagonal(inverses).times(thin.left.transpose());
  }

  /** A matrix that is not square gives way to the triangle of its QR decomposition. */
  private static Sides precondition(Matrix matrix) {
    int rows = matrix.rows();
    int columns = matrix.columns();
    if (rows > columns) {
      QrDecomposition qr = QrDecomposition.pivoted(matrix);
      Matrix triangle = qr.triangle().topLeft(columns, columns);
      return new Sides(qr.orthogonal(rows), triangle, permutation(qr.permutation()));
    }
    if (rows < columns) {
      QrDecomposition qr = QrDecomposition.pivoted(matrix.transpose());
      Matrix triangle = qr.triangle().topLeft(rows, rows).transpose();
      return new Sides(permutation(qr.permutation()), triangle, qr.orthogonal(columns));
    }
    return new Sides(Matrix.identity(rows), matrix, Matrix.identity(columns));
  }

  private static Matrix permutation(int[] order) {
    Matrix permutation = new Matrix(order.length, order.length);
    for (int i = 0; i < order.length; i++) {
      permutation.set(order[i], i, 1);
    }
    return permutation;
  }

  private static void diagonalize(Sides sides) {
    Matrix work = sides.work();
    double greatest = 0;
    for (double element : work.diagonal()) {
      greatest = Math.max(greatest, Math.abs(element));
    }
    boolean finished = false;
    for (int sweep = 0; !finished && sweep < MAX_SWEEPS; sweep++) {
      finished = true;
      for (int p = 1; p < work.rows(); p++) {
        for (int q = 0; q < p; q++) {
          double threshold = Math.max(Double.MIN_NORMAL, PRECISION * greatest);
          if (Math.abs(work.get(p, q)) > threshold || Math.abs(work.get(q, p)) > threshold) {
            finished = false;
            rotate(sides, p, q);
            greatest =
                Math.max(greatest, Math.max(Math.abs(work.get(p, p)), Math.abs(work.get(q, q))));
          }
        }
      }
    }
  }

  /** Makes the 2 by 2 matrix at rows and columns p and q diagonal. */
  private static void rotate(Sides sides, int p, int q) {
    Matrix work = sides.work();
    Matrix block =
        new Matrix(
            2, 2, new double[] {work.get(p, p), work.get(p, q), work.get(q, p), work.get(q, q)});
    Rotation symmetrizing = symmetrizing(block);
    block.rotateRows(0, 1, symmetrizing);
    Rotation right = Rotation.jacobi(block.get(0, 0), block.get(0, 1), block.get(1, 1));
    Rotation left = symmetrizing.times(right.transpose());
    work.rotateRows(p, q, left);
    sides.left().rotateColumns(p, q, left.transpose());
    work.rotateColumns(p, q, right);
    sides.right().rotateColumns(p, q, right);
  }

  private static Rotation symmetrizing(Matrix block) {
    double sum = block.get(0, 0) + block.get(1, 1);
    double difference = block.get(1, 0) - block.get(0, 1);
    if (Math.abs(difference) < Double.MIN_NORMAL) {
      return Rotation.NONE;
    }
    double ratio = sum / difference;
    double root = Math.sqrt(1 + ratio * ratio);
    return new Rotation(ratio / root, 1 / root);
  }

  private static SingularValueDecomposition sorted(Sides sides, double scale) {
    double[] values = sides.work().diagonal();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0) {
        sides.left().negateColumn(i);
      }
      values[i] = Math.abs(values[i]) * scale;
    }
    for (int i = 0; i < values.length; i++) {
      int greatest = i;
      for (int j = i + 1; j < values.length; j++) {
        greatest = values[j] > values[greatest] ? j : greatest;
      }
      if (greatest != i) {
        double kept = values[i];
        values[i] = values[greatest];
        values[greatest] = kept;
        sides.left().swapColumns(i, greatest);
        sides.right().swapColumns(i, greatest);
      }
    }
    return new SingularValueDecomposition(sides.left(), values, sides.right());
  }
}
