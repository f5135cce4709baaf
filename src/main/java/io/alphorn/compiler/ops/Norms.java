package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.Optional;

/**
 * Norms of vectors along one axis and of matrices over two. Follows {@code norm} of {@code
 * keras/src/backend/tensorflow/linalg.py}.
 */
final class Norms {
  /**
   * The order of a norm: a number, or one of NumPy's names.
   *
   * @param name "fro", "nuc", or "" for a number
   */
  record Order(String name, double number) {
    private static final Order FROBENIUS = new Order("fro", 2);
    private static final Order NUCLEAR = new Order("nuc", 1);

    static Order of(double number) {
      return new Order("", number);
    }

    /** The order that an argument gives; none means the root of the sum of squares. */
    static Order of(Optional<Operand> argument) {
      if (argument.isEmpty()) {
        return FROBENIUS;
      }
      return switch (argument.get().text().orElse("")) {
        case "" -> of(argument.get().real());
        case "fro" -> FROBENIUS;
        case "nuc" -> NUCLEAR;
        default ->
            throw AlphornException.invalidArgument(
                "argument 'ord' must be a number, 'fro' or 'nuc', found %s",
                argument.get().argument());
      };
    }

    boolean isNumber(double value) {
      return name.isEmpty() && number == value;
    }
  }

  private Norms() {}

  /** The norm over one axis or two; integers are computed in float32. */
  static Value of(GraphBuilder g, Value given, Order order, int[] axes, boolean keepDims) {
    DType dtype = given.dtype() == DType.INT64 ? DType.FLOAT32 : Promotion.withFloat(given.dtype());
    Value x = g.cast(given, dtype);
    if (axes.length == 1) {
      return vector(g, x, order, axes[0], keepDims);
    }
    if (axes.length == 2) {
      return matrix(g, x, order, axes[0], axes[1], keepDims);
    }
    throw AlphornException.invalidArgument(
        "a norm takes one axis or two, not %d; flatten the tensor first", axes.length);
  }

  private static Value vector(GraphBuilder g, Value x, Order order, int axis, boolean keepDims) {
    double number = order.number();
    if (order.equals(Order.FROBENIUS) || order.isNumber(2)) {
      return euclidean(g, x, keepDims, axis);
    }
    if (!order.name().isEmpty()) {
      throw AlphornException.invalidArgument(
          "a norm of order '%s' takes two axes, not one", order.name());
    }
    if (Double.isInfinite(number)) {
      Value magnitudes = g.abs(x);
      return number > 0
          ? g.reduceMax(magnitudes, keepDims, axis)
          : g.reduceMin(magnitudes, keepDims, axis);
    }
    if (number == 0) {
      Value nonZero = g.notEqual(x, g.scalar(x.dtype(), 0));
      return g.reduceSum(g.cast(nonZero, x.dtype()), keepDims, axis);
    }
    Value sum = g.reduceSum(g.pow(g.abs(x), number), keepDims, axis);
    return g.pow(sum, 1 / number);
  }

  private static Value euclidean(GraphBuilder g, Value x, boolean keepDims, int... axes) {
    return g.sqrt(g.reduceSum(g.square(x), keepDims, axes));
  }

  private static Value matrix(
      GraphBuilder g, Value x, Order order, int rows, int columns, boolean keepDims) {
    Value norm;
    if (order.equals(Order.FROBENIUS)) {
      return euclidean(g, x, keepDims, rows, columns);
    } else if (order.isNumber(1) || order.isNumber(-1)) {
      norm = extremeSum(g, x, rows, columns, order.number() > 0);
    } else if (order.name().isEmpty() && Double.isInfinite(order.number())) {
      norm = extremeSum(g, x, columns, rows, order.number() > 0);
    } else {
      norm = spectral(g, x, order, rows, columns);
    }
    return keepDims ? norm : squeeze(g, norm, rows, columns);
  }

  /** The greatest or the least sum of magnitudes along {@code summed}. */
  private static Value extremeSum(
      GraphBuilder g, Value x, int summed, int compared, boolean greatest) {
    Value sums = g.reduceSum(g.abs(x), true, summed);
    return greatest ? g.reduceMax(sums, true, compared) : g.reduceMin(sums, true, compared);
  }

  private static Value spectral(GraphBuilder g, Value x, Order order, int rows, int columns) {
    Value matrices =
        g.moveAxis(g.moveAxis(x, rows, -1), columns < rows ? columns : columns - 1, -1);
    Value values = LinalgOps.singularValues(g, matrices);
    Value norm;
    if (order.equals(Order.NUCLEAR)) {
      norm = g.reduceSum(values, false, -1);
    } else if (order.isNumber(2)) {
      norm = g.reduceMax(values, false, -1);
    } else if (order.isNumber(-2)) {
      norm = g.reduceMin(values, false, -1);
    } else {
      throw AlphornException.invalidArgument(
          "a matrix has no norm of order %s in Keras", order.number());
    }
    return g.unsqueeze(g.unsqueeze(norm, Math.min(rows, columns)), Math.max(rows, columns));
  }

  private static Value squeeze(GraphBuilder g, Value x, int first, int second) {
    return g.squeeze(g.squeeze(x, Math.max(first, second)), Math.min(first, second));
  }
}
