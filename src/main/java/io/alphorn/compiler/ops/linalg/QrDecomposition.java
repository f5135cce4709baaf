package io.alphorn.compiler.ops.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A = Q R P by Householder reflections, as Eigen's {@code HouseholderQR} and, with pivots, {@code
 * ColPivHouseholderQR}.
 *
 * @param triangle R, of the size of A
 * @param permutation which column of A each column of Q R is
 */
public record QrDecomposition(List<Householder> reflections, Matrix triangle, int[] permutation) {
  /** Without pivots: the permutation is none. */
  public static QrDecomposition of(Matrix matrix) {
    return decompose(matrix, false);
  }

  /** With the greatest column left as the pivot of each step. */
  static QrDecomposition pivoted(Matrix matrix) {
    return decompose(matrix, true);
  }

  private static QrDecomposition decompose(Matrix matrix, boolean pivoted) {
    Matrix work = matrix.copy();
    int[] permutation = IntStream.range(0, matrix.columns()).toArray();
    List<Householder> reflections = new ArrayList<>();
    for (int k = 0; k < Math.min(matrix.rows(), matrix.columns()); k++) {
      if (pivoted) {
        int pivot = greatestColumn(work, k);
        work.swapColumns(k, pivot);
        int kept = permutation[k];
        permutation[k] = permutation[pivot];
        permutation[pivot] = kept;
      }
      Householder reflection = Householder.of(work, k, k);
      reflection.applyLeft(work, k);
      reflections.add(reflection);
    }
    return new QrDecomposition(reflections, work.upperTriangle(), permutation);
  }

  private static int greatestColumn(Matrix work, int k) {
    int greatest = k;
    double greatestNorm = -1;
    for (int j = k; j < work.columns(); j++) {
      double norm = 0;
      for (int i = k; i < work.rows(); i++) {
        norm += work.get(i, j) * work.get(i, j);
      }
      if (norm > greatestNorm) {
        greatest = j;
        greatestNorm = norm;
      }
    }
    return greatest;
  }

  /** The first {@code columns} columns of Q. */
  public Matrix orthogonal(int columns) {
    int rows = triangle.rows();
    Matrix q = Matrix.identity(rows, columns);
    for (Householder reflection : reflections.reversed()) {
      reflection.applyLeft(q, 0);
    }
    return q;
  }
}
