package io.alphorn.compiler.ops.linalg;

/**
 * Eigenvalues and eigenvectors of unit length, by columns, of a real square matrix. From its real
 * Schur form as Eigen's {@code EigenSolver}, whose order and phases TensorFlow hands on: of a pair
 * of conjugate values the one with a positive imaginary part comes first.
 */
public record GeneralEigen(Complex[] values, Complex[][] vectors) {
  /** Decomposes a matrix whose elements are exact to the relative {@code precision}. */
  public static GeneralEigen of(Matrix matrix, double precision) {
    RealSchur schur = RealSchur.of(matrix, precision);
    Complex[] values = values(schur.triangle());
    Matrix packed =
        schur.orthogonal().times(Backsubstitution.of(schur.triangle(), values, precision));
    return new GeneralEigen(values, vectors(packed, values));
  }

  private static Complex[] values(Matrix triangle) {
    int size = triangle.rows();
    Complex[] values = new Complex[size];
    int i = 0;
    while (i < size) {
      if (i == size - 1 || triangle.get(i + 1, i) == 0) {
        values[i] = new Complex(triangle.get(i, i), 0);
        i++;
      } else {
        double corner = triangle.get(i + 1, i + 1);
        double half = 0.5 * (triangle.get(i, i) - corner);
        double product = triangle.get(i + 1, i) * triangle.get(i, i + 1);
        double root = Math.sqrt(Math.abs(half * half + product));
        values[i] = new Complex(corner + half, root);
        values[i + 1] = new Complex(corner + half, -root);
        i += 2;
      }
    }
    return values;
  }

  /** A complex pair's vectors stand in two columns: real and imaginary parts of the first. */
  private static Complex[][] vectors(Matrix packed, Complex[] values) {
    int size = values.length;
    Complex[][] vectors = new Complex[size][size];
    for (int j = 0; j < size; j++) {
      boolean pair = values[j].im() > 0;
      for (int i = 0; i < size; i++) {
        double re = packed.get(i, j);
        double im = pair ? packed.get(i, j + 1) : 0;
        vectors[i][j] = new Complex(re, im);
        if (pair) {
          vectors[i][j + 1] = new Complex(re, -im);
        }
      }
      j += pair ? 1 : 0;
    }
    normalize(vectors);
    return vectors;
  }

  private static void normalize(Complex[][] vectors) {
    for (int column = 0; column < vectors.length; column++) {
      double sum = 0;
      for (Complex[] row : vectors) {
        sum += row[column].re() * row[column].re() + row[column].im() * row[column].im();
      }
      for (Complex[] row : vectors) {
        row[column] = row[column].over(Math.sqrt(sum));
      }
    }
  }
}
