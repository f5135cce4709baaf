package io.alphorn.compiler.ops.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * A = Q H Qᵀ with zeros below the first subdiagonal of H, which is tridiagonal for a symmetric A.
 */
record Hessenberg(Matrix form, Matrix orthogonal) {
  static Hessenberg of(Matrix matrix) {
    Matrix work = matrix.copy();
    List<Householder> reflections = new ArrayList<>();
    for (int i = 0; i < work.rows() - 1; i++) {
      Householder reflection = Householder.of(work, i, i + 1);
      reflection.applyLeft(work, i);
      reflection.applyRight(work);
      reflections.add(reflection);
    }
    Matrix orthogonal = Matrix.identity(work.rows());
    for (Householder reflection : reflections.reversed()) {
      reflection.applyLeft(orthogonal, 0);
    }
    return new Hessenberg(work, orthogonal);
  }
}
