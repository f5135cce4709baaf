package io.alphorn.compiler.ops.linalg;

/**
 * A reflection I - tau v vᵀ that turns a vector into a multiple of the first unit vector, with v
 * beginning at row {@code offset} and v[0] = 1. Signs are chosen as Eigen's {@code makeHouseholder}
 * does: the multiple has the sign opposite to the vector's first element, unless there is nothing
 * to turn.
 *
 * @param multiple of the unit vector
 */
public record Householder(int offset, double[] vector, double tau, double multiple) {
  /** The reflection of the part of a column from {@code offset} on. */
  static Householder of(Matrix matrix, int column, int offset) {
    return of(matrix, column, offset, matrix.rows() - offset);
  }

  /** The reflection of {@code length} elements of a column from {@code offset} on. */
  static Householder of(Matrix matrix, int column, int offset, int length) {
    double[] elements = new double[length];
    for (int i = 0; i < length; i++) {
      elements[i] = matrix.get(offset + i, column);
    }
    return of(elements, offset);
  }

  /** The reflection of a vector that stands at row {@code offset}. */
  static Householder of(double[] elements, int offset) {
    double[] vector = new double[elements.length];
    vector[0] = 1;
    double first = elements[0];
    double tail = 0;
    for (int i = 1; i < elements.length; i++) {
      tail += elements[i] * elements[i];
    }
    if (tail <= Double.MIN_NORMAL) {
      return new Householder(offset, vector, 0, first);
    }
    double norm = Math.sqrt(first * first + tail);
    double multiple = first >= 0 ? -norm : norm;
    for (int i = 1; i < elements.length; i++) {
      vector[i] = elements[i] / (first - multiple);
    }
    return new Householder(offset, vector, (multiple - first) / multiple, multiple);
  }

  /** Applies the reflection to the columns of {@code matrix} from {@code firstColumn} on. */
  void applyLeft(Matrix matrix, int firstColumn) {
    for (int j = firstColumn; j < matrix.columns(); j++) {
      double product = 0;
      for (int i = 0; i < vector.length; i++) {
        product += vector[i] * matrix.get(offset + i, j);
      }
      for (int i = 0; i < vector.length; i++) {
        matrix.add(offset + i, j, -tau * product * vector[i]);
      }
    }
  }

  /** Applies the reflection to the rows of {@code matrix}, from the right. */
  void applyRight(Matrix matrix) {
    for (int row = 0; row < matrix.rows(); row++) {
      double product = 0;
      for (int i = 0; i < vector.length; i++) {
        product += matrix.get(row, offset + i) * vector[i];
      }
      for (int i = 0; i < vector.length; i++) {
        matrix.add(row, offset + i, -tau * product * vector[i]);
      }
    }
  }
}
