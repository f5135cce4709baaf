package io.alphorn.compiler.ops.linalg;

import io.alphorn.error.AlphornException;
import java.util.Arrays;

/**
 * A = U T Uᵀ with an orthogonal U and a quasi-triangular T, whose 2 by 2 blocks hold pairs of
 * complex eigenvalues. By Francis's double shifted QR steps as Eigen's {@code RealSchur}.
 */
final class RealSchur {
  private static final int MAX_STEPS_PER_ROW = 40;
  private static final int EXCEPTIONAL_PERIOD = 16;

  private final Matrix triangle;
  private final Matrix orthogonal;
  private final double precision;
  private double totalShift;

  private RealSchur(Hessenberg hessenberg, double precision) {
    this.triangle = hessenberg.form();
    this.orthogonal = hessenberg.orthogonal();
    this.precision = precision;
  }

  /** Decomposes a matrix whose elements are exact to the relative {@code precision}. */
  static RealSchur of(Matrix matrix, double precision) {
    double greatest = matrix.greatest();
    double scale = greatest == 0 ? 1 : greatest;
    RealSchur schur = new RealSchur(Hessenberg.of(matrix.times(1 / scale)), precision);
    for (int i = 2; i < matrix.rows(); i++) {
      for (int j = 0; j < i - 1; j++) {
        schur.triangle.set(i, j, 0);
      }
    }
    schur.iterate();
    double[] elements = schur.triangle.elements();
    Arrays.setAll(elements, i -> elements[i] * scale);
    return schur;
  }

  Matrix triangle() {
    return triangle;
  }

  Matrix orthogonal() {
    return orthogonal;
  }

  private void iterate() {
    double norm = Arrays.stream(triangle.elements()).map(Math::abs).sum();
    double negligible = Math.max(norm * precision * precision, Double.MIN_NORMAL);
    int last = triangle.rows() - 1;
    int steps = 0;
    int total = 0;
    while (norm != 0 && last >= 0) {
      int first = activeBlock(last, negligible);
      if (first == last) {
        triangle.add(last, last, totalShift);
        if (last > 0) {
          triangle.set(last, last - 1, 0);
        }
        last--;
        steps = 0;
      } else if (first == last - 1) {
        splitOff(last);
        last -= 2;
        steps = 0;
      } else {
        Shift shift = shift(last, steps);
        steps++;
        if (++total > MAX_STEPS_PER_ROW * triangle.rows()) {
          throw AlphornException.invalidArgument("the eigenvalues of a matrix did not converge");
        }
        step(first, last, shift);
      }
    }
  }

  /** The first row of the block that ends at {@code last} and has no zero below its diagonal. */
  private int activeBlock(int last, double negligible) {
    int first = last;
    while (first > 0) {
      double size =
          Math.abs(triangle.get(first - 1, first - 1)) + Math.abs(triangle.get(first, first));
      if (Math.abs(triangle.get(first, first - 1)) <= Math.max(size * precision, negligible)) {
        return first;
      }
      first--;
    }
    return first;
  }

  /** Makes a last 2 by 2 block triangular if its eigenvalues are real. */
  private void splitOff(int last) {
    double p = 0.5 * (triangle.get(last - 1, last - 1) - triangle.get(last, last));
    double q = p * p + triangle.get(last, last - 1) * triangle.get(last - 1, last);
    triangle.add(last, last, totalShift);
    triangle.add(last - 1, last - 1, totalShift);
    if (q >= 0) {
      double root = Math.sqrt(q);
      Rotation rotation =
          Rotation.givens(p >= 0 ? p + root : p - root, triangle.get(last, last - 1));
      triangle.rotateRows(last - 1, last, rotation.transpose());
      triangle.rotateColumns(last - 1, last, rotation);
      orthogonal.rotateColumns(last - 1, last, rotation);
      triangle.set(last, last - 1, 0);
    }
    if (last > 1) {
      triangle.set(last - 1, last - 2, 0);
      triangle.set(last, last - 2, 0);
    }
  }

  /** The two shifts of a step, by the corner elements of the block that they are eigenvalues of. */
  private record Shift(double corner, double other, double product) {}

  private Shift shift(int last, int steps) {
    double corner = triangle.get(last, last);
    if (steps == 0 || steps % EXCEPTIONAL_PERIOD != 0) {
      return new Shift(
          corner,
          triangle.get(last - 1, last - 1),
          triangle.get(last, last - 1) * triangle.get(last - 1, last));
    }
    totalShift += corner;
    for (int i = 0; i <= last; i++) {
      triangle.add(i, i, -corner);
    }
    double size =
        Math.abs(triangle.get(last, last - 1)) + Math.abs(triangle.get(last - 1, last - 2));
    return new Shift(0.75 * size, 0.75 * size, -0.4375 * size * size);
  }

  private void step(int first, int last, Shift shift) {
    double[] start = new double[3];
    int from = last - 2;
    while (!startsAt(from, shift, start, first)) {
      from--;
    }
    for (int k = from; k <= last - 2; k++) {
      Householder reflection =
          k == from ? Householder.of(start, k) : Householder.of(triangle, k - 1, k, 3);
      if (reflection.multiple() != 0) {
        if (k == from && k > first) {
          triangle.set(k, k - 1, -triangle.get(k, k - 1));
        } else if (k != from) {
          triangle.set(k, k - 1, reflection.multiple());
        }
        reflect(reflection, k);
      }
    }
    Householder reflection = Householder.of(triangle, last - 2, last - 1, 2);
    if (reflection.multiple() != 0) {
      triangle.set(last - 1, last - 2, reflection.multiple());
      reflect(reflection, last - 1);
    }
    for (int i = from + 2; i <= last; i++) {
      triangle.set(i, i - 2, 0);
      if (i > from + 2) {
        triangle.set(i, i - 3, 0);
      }
    }
  }

  private void reflect(Householder reflection, int column) {
    reflection.applyLeft(triangle, column);
    reflection.applyRight(triangle);
    reflection.applyRight(orthogonal);
  }

  /** Fills in the vector that begins a step at row m, and says whether it may begin there. */
  private boolean startsAt(int m, Shift shift, double[] start, int first) {
    double corner = triangle.get(m, m);
    double r = shift.corner() - corner;
    double s = shift.other() - corner;
    start[0] = (r * s - shift.product()) / triangle.get(m + 1, m) + triangle.get(m, m + 1);
    start[1] = triangle.get(m + 1, m + 1) - corner - r - s;
    start[2] = triangle.get(m + 2, m + 1);
    if (m == first) {
      return true;
    }
    double left = triangle.get(m, m - 1) * (Math.abs(start[1]) + Math.abs(start[2]));
    double right =
        start[0]
            * (Math.abs(triangle.get(m - 1, m - 1))
                + Math.abs(corner)
                + Math.abs(triangle.get(m + 1, m + 1)));
    return Math.abs(left) < precision * right;
  }
}
