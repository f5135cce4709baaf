package io.alphorn.compiler.ops.linalg;

/**
 * Eigenvalues, ascending, and eigenvectors, by columns, of a symmetric matrix, of which the lower
 * triangle is read. By implicit QR steps as Eigen's {@code SelfAdjointEigenSolver}.
 */
public record SymmetricEigen(double[] values, Matrix vectors) {
  private static final int MAX_STEPS_PER_ROW = 30;

  /** Decomposes a matrix whose elements are exact to the relative {@code precision}. */
  public static SymmetricEigen of(Matrix matrix, double precision) {
    int size = matrix.rows();
    Matrix work = new Matrix(size, size);
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        work.set(i, j, matrix.get(i, j));
        work.set(j, i, matrix.get(i, j));
      }
    }
    double greatest = work.greatest();
    double scale = greatest == 0 ? 1 : greatest;
    Hessenberg tridiagonal = Hessenberg.of(work.times(1 / scale));
    Matrix vectors = tridiagonal.orthogonal();
    double[] values = tridiagonal.form().diagonal();
    double[] off = new double[Math.max(0, size - 1)];
    for (int i = 0; i < off.length; i++) {
      off[i] = tridiagonal.form().get(i + 1, i);
    }
    diagonalize(values, off, vectors, precision);
    sort(values, vectors);
    for (int i = 0; i < size; i++) {
      values[i] *= scale;
    }
    return new SymmetricEigen(values, vectors);
  }

  private static void diagonalize(
      double[] diagonal, double[] off, Matrix vectors, double precision) {
    int end = diagonal.length - 1;
    int start = 0;
    for (int step = 0; step <= MAX_STEPS_PER_ROW * diagonal.length; step++) {
      for (int i = start; i < end; i++) {
        double scaled = off[i] / precision;
        if (Math.abs(off[i]) < Double.MIN_NORMAL
            || scaled * scaled <= Math.abs(diagonal[i]) + Math.abs(diagonal[i + 1])) {
          off[i] = 0;
        }
      }
      while (end > 0 && off[end - 1] == 0) {
        end--;
      }
      if (end <= 0) {
        return;
      }
      start = end - 1;
      while (start > 0 && off[start - 1] != 0) {
        start--;
      }
      step(diagonal, off, start, end, vectors);
    }
  }

  /** Wilkinson's shift: the eigenvalue of the last 2 by 2 block that is nearest to its corner. */
  private static double shift(double[] diagonal, double[] off, int end) {
    double half = (diagonal[end - 1] - diagonal[end]) * 0.5;
    double e = off[end - 1];
    if (half == 0) {
      return diagonal[end] - Math.abs(e);
    }
    double root = Math.hypot(half, e);
    return diagonal[end] - e / ((half + (half > 0 ? root : -root)) / e);
  }

  private static void step(double[] diagonal, double[] off, int start, int end, Matrix vectors) {
    double x = diagonal[start] - shift(diagonal, off, end);
    double z = off[start];
    for (int k = start; k < end && z != 0; k++) {
      Rotation rotation = Rotation.givens(x, z);
      double c = rotation.cosine();
      double s = rotation.sine();
      double sdk = s * diagonal[k] + c * off[k];
      double dkp1 = s * off[k] + c * diagonal[k + 1];
      diagonal[k] = c * (c * diagonal[k] - s * off[k]) - s * (c * off[k] - s * diagonal[k + 1]);
      diagonal[k + 1] = s * sdk + c * dkp1;
      off[k] = c * sdk - s * dkp1;
      if (k > start) {
        off[k - 1] = c * off[k - 1] - s * z;
      }
      x = off[k];
      if (k < end - 1) {
        z = -s * off[k + 1];
        off[k + 1] = c * off[k + 1];
      }
      vectors.rotateColumns(k, k + 1, rotation);
    }
  }

  private static void sort(double[] values, Matrix vectors) {
    for (int i = 0; i < values.length - 1; i++) {
      int least = i;
      for (int j = i + 1; j < values.length; j++) {
        least = values[j] < values[least] ? j : least;
      }
      if (least != i) {
        double kept = values[i];
        values[i] = values[least];
        values[least] = kept;
        vectors.swapColumns(i, least);
      }
    }
  }
}
