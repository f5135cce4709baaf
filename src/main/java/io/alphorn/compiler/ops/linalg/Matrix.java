package io.alphorn.compiler.ops.linalg;

import java.util.Arrays;
import java.util.stream.IntStream;

/** A dense matrix of doubles in row-major order. */
public final class Matrix {
  private final int rows;
  private final int columns;
  private final double[] elements;

  public Matrix(int rows, int columns) {
    this(rows, columns, new double[rows * columns]);
  }

  /** A matrix over {@code elements}, without copying. */
  public Matrix(int rows, int columns, double[] elements) {
    if (elements.length != rows * columns) {
      throw new IllegalArgumentException(
          "%d elements do not make a matrix of %d by %d".formatted(elements.length, rows, columns));
    }
    this.rows = rows;
    this.columns = columns;
    this.elements = elements;
  }

  public static Matrix identity(int size) {
    return identity(size, size);
  }

  /** Ones on the main diagonal. */
  public static Matrix identity(int rows, int columns) {
    Matrix identity = new Matrix(rows, columns);
    for (int i = 0; i < Math.min(rows, columns); i++) {
      identity.set(i, i, 1);
    }
    return identity;
  }

  public static Matrix column(double... elements) {
    return new Matrix(elements.length, 1, elements);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** The elements in row-major order, not copied. */
  public double[] elements() {
    return elements;
  }

  public double get(int row, int column) {
    return elements[row * columns + column];
  }

  public void set(int row, int column, double value) {
    elements[row * columns + column] = value;
  }

  void add(int row, int column, double value) {
    elements[row * columns + column] += value;
  }

  public Matrix copy() {
    return new Matrix(rows, columns, elements.clone());
  }

  public Matrix transpose() {
    Matrix transpose = new Matrix(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transpose.set(j, i, get(i, j));
      }
    }
    return transpose;
  }

  public Matrix times(Matrix other) {
    Matrix product = new Matrix(rows, other.columns);
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        double factor = get(i, k);
        for (int j = 0; j < other.columns; j++) {
          product.add(i, j, factor * other.get(k, j));
        }
      }
    }
    return product;
  }

  public Matrix times(double factor) {
    return new Matrix(
        rows, columns, Arrays.stream(elements).map(element -> element * factor).toArray());
  }

  /** The matrix with its columns scaled. */
  public Matrix timesDiagonal(double[] factors) {
    Matrix scaled = copy();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        scaled.set(i, j, get(i, j) * factors[j]);
      }
    }
    return scaled;
  }

  /** The rows and columns before these limits. */
  public Matrix topLeft(int rowLimit, int columnLimit) {
    Matrix corner = new Matrix(rowLimit, columnLimit);
    for (int i = 0; i < rowLimit; i++) {
      for (int j = 0; j < columnLimit; j++) {
        corner.set(i, j, get(i, j));
      }
    }
    return corner;
  }

  /** The matrix with zeros below its main diagonal. */
  public Matrix upperTriangle() {
    Matrix upper = new Matrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = i; j < columns; j++) {
        upper.set(i, j, get(i, j));
      }
    }
    return upper;
  }

  public double[] diagonal() {
    return IntStream.range(0, Math.min(rows, columns)).mapToDouble(i -> get(i, i)).toArray();
  }

  /** The greatest magnitude of an element. */
  double greatest() {
    double greatest = 0;
    for (double element : elements) {
      greatest = Math.max(greatest, Math.abs(element));
    }
    return greatest;
  }

  void swapRows(int first, int second) {
    for (int j = 0; j < columns; j++) {
      double kept = get(first, j);
      set(first, j, get(second, j));
      set(second, j, kept);
    }
  }

  void swapColumns(int first, int second) {
    for (int i = 0; i < rows; i++) {
      double kept = get(i, first);
      set(i, first, get(i, second));
      set(i, second, kept);
    }
  }

  void negateColumn(int column) {
    for (int i = 0; i < rows; i++) {
      set(i, column, -get(i, column));
    }
  }

  /** Rows {@code first} and {@code second} turned: this = rotation · this. */
  void rotateRows(int first, int second, Rotation rotation) {
    for (int j = 0; j < columns; j++) {
      double x = get(first, j);
      double y = get(second, j);
      set(first, j, rotation.cosine() * x + rotation.sine() * y);
      set(second, j, rotation.cosine() * y - rotation.sine() * x);
    }
  }

  /** Columns {@code first} and {@code second} turned: this = this · rotation. */
  void rotateColumns(int first, int second, Rotation rotation) {
    for (int i = 0; i < rows; i++) {
      double x = get(i, first);
      double y = get(i, second);
      set(i, first, rotation.cosine() * x - rotation.sine() * y);
      set(i, second, rotation.sine() * x + rotation.cosine() * y);
    }
  }
}
