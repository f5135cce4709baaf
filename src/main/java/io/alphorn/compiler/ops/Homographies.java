package io.alphorn.compiler.ops;

import io.alphorn.compiler.ops.linalg.LuDecomposition;
import io.alphorn.compiler.ops.linalg.Matrix;

/** Projections of the plane that take four points to four others. */
final class Homographies {
  private static final int POINTS = 4;
  private static final int COEFFICIENTS = 2 * POINTS;

  private Homographies() {}

  /**
   * The eight coefficients of each projection that takes the end points to the start points: where
   * a pixel of the output is read in the input.
   *
   * @param starts x and y of four points for each image
   */
  static double[] coefficients(double[] starts, double[] ends) {
    double[] coefficients = new double[starts.length];
    for (int from = 0; from < starts.length; from += COEFFICIENTS) {
      Matrix equations = new Matrix(COEFFICIENTS, COEFFICIENTS);
      Matrix target = new Matrix(COEFFICIENTS, 1);
      for (int point = 0; point < POINTS; point++) {
        int at = from + 2 * point;
        addPoint(equations, 2 * point, ends[at], ends[at + 1], starts[at], starts[at + 1]);
        target.set(2 * point, 0, starts[at]);
        target.set(2 * point + 1, 0, starts[at + 1]);
      }
      double[] solution = LuDecomposition.of(equations).solve(target).elements();
      System.arraycopy(solution, 0, coefficients, from, COEFFICIENTS);
    }
    return coefficients;
  }

  private static void addPoint(
      Matrix equations, int row, double x, double y, double startX, double startY) {
    double[] horizontal = {x, y, 1, 0, 0, 0, -startX * x, -startX * y};
    double[] vertical = {0, 0, 0, x, y, 1, -startY * x, -startY * y};
    for (int column = 0; column < COEFFICIENTS; column++) {
      equations.set(row, column, horizontal[column]);
      equations.set(row + 1, column, vertical[column]);
    }
  }
}
