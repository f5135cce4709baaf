package io.alphorn.compiler.ops.linalg;

import java.util.Optional;

/** Cholesky's decomposition, and systems of equations in triangular form. */
public final class Triangles {
  private Triangles() {}

  /** L of A = L Lᵀ; of A the lower triangle is read. Empty when A is not positive definite. */
  public static Optional<Matrix> cholesky(Matrix matrix) {
    int size = matrix.rows();
    Matrix lower = new Matrix(size, size);
    for (int j = 0; j < size; j++) {
      for (int i = j; i < size; i++) {
        double sum = matrix.get(i, j);
        for (int k = 0; k < j; k++) {
          sum -= lower.get(i, k) * lower.get(j, k);
        }
        if (i == j && !(sum > 0)) {
          return Optional.empty();
        }
        lower.set(i, j, i == j ? Math.sqrt(sum) : sum / lower.get(j, j));
      }
    }
    return Optional.of(lower);
  }

  /** X of A X = B, reading one triangle of A. */
  public static Matrix solve(Matrix triangle, Matrix b, boolean lower) {
    Matrix x = b.copy();
    int size = triangle.rows();
    for (int step = 0; step < size; step++) {
      int i = lower ? step : size - 1 - step;
      for (int j = 0; j < b.columns(); j++) {
        double sum = x.get(i, j);
        for (int k = lower ? 0 : i + 1; k < (lower ? i : size); k++) {
          sum -= triangle.get(i, k) * x.get(k, j);
        }
        x.set(i, j, sum / triangle.get(i, i));
      }
    }
    return x;
  }
}
