package io.alphorn.compiler.ops.linalg;

import io.alphorn.error.AlphornException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * P A = L U with partial pivoting.
 *
 * @param factors U in the upper triangle, L below it without its ones
 * @param permutation which row of A each row of L U is
 * @param sign of the permutation
 */
public record LuDecomposition(Matrix factors, int[] permutation, int sign) {
  public static LuDecomposition of(Matrix matrix) {
    Matrix lu = matrix.copy();
    int size = lu.rows();
    int[] permutation = IntStream.range(0, size).toArray();
    int sign = 1;
    for (int k = 0; k < size; k++) {
      int pivot = pivot(lu, k);
      if (pivot != k) {
        lu.swapRows(k, pivot);
        int kept = permutation[k];
        permutation[k] = permutation[pivot];
        permutation[pivot] = kept;
        sign = -sign;
      }
      if (lu.get(k, k) != 0) {
        eliminate(lu, k);
      }
    }
    return new LuDecomposition(lu, permutation, sign);
  }

  private static int pivot(Matrix lu, int k) {
    int pivot = k;
    for (int i = k + 1; i < lu.rows(); i++) {
      pivot = Math.abs(lu.get(i, k)) > Math.abs(lu.get(pivot, k)) ? i : pivot;
    }
    return pivot;
  }

  private static void eliminate(Matrix lu, int k) {
    for (int i = k + 1; i < lu.rows(); i++) {
      double factor = lu.get(i, k) / lu.get(k, k);
      lu.set(i, k, factor);
      for (int j = k + 1; j < lu.columns(); j++) {
        lu.add(i, j, -factor * lu.get(k, j));
      }
    }
  }

  public double determinant() {
    double determinant = sign;
    for (double pivot : factors.diagonal()) {
      determinant *= pivot;
    }
    return determinant;
  }

  /** -1, 0 or 1; it cannot overflow as the determinant can. */
  public double determinantSign() {
    double determinantSign = sign;
    for (double pivot : factors.diagonal()) {
      determinantSign *= Math.signum(pivot);
    }
    return determinantSign;
  }

  /** The logarithm of the determinant's size. */
  public double logDeterminant() {
    return Arrays.stream(factors.diagonal()).map(Math::abs).map(Math::log).sum();
  }

  /**
   * X of A X = B.
   *
   * @throws AlphornException INVALID_ARGUMENT when A has no inverse
   */
  public Matrix solve(Matrix b) {
    for (double pivot : factors.diagonal()) {
      if (pivot == 0) {
        throw AlphornException.invalidArgument("the matrix has no inverse");
      }
    }
    Matrix permuted = new Matrix(b.rows(), b.columns());
    for (int i = 0; i < b.rows(); i++) {
      for (int j = 0; j < b.columns(); j++) {
        permuted.set(i, j, b.get(permutation[i], j));
      }
    }
    for (int i = 0; i < b.rows(); i++) {
      for (int k = 0; k < i; k++) {
        for (int j = 0; j < b.columns(); j++) {
          permuted.add(i, j, -factors.get(i, k) * permuted.get(k, j));
        }
      }
    }
    return Triangles.solve(factors, permuted, false);
  }
}
