package io.alphorn.compiler.ops;

import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code keras.ops.numpy}: what folds axes away or runs along one. Types and formulas follow {@code
 * keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyReductions {
  /** The least normal positive numbers, by which Keras tells the negative zero from zero. */
  private static final double LEAST_FLOAT = Float.MIN_NORMAL;

  private static final double LEAST_DOUBLE = Double.MIN_NORMAL;

  private NumpyReductions() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of(
            "Sum", o -> reduce(o, "ReduceSum", accumulated(o.graph(), o.tensor("x")))),
        NumpyOperation.of("Prod", o -> reduce(o, "ReduceProd", factors(o))),
        NumpyOperation.of("Max", o -> extreme(o, "ReduceMax")),
        NumpyOperation.of("Min", o -> extreme(o, "ReduceMin")),
        NumpyOperation.of("Amax", o -> extreme(o, "ReduceMax")),
        NumpyOperation.of("Amin", o -> extreme(o, "ReduceMin")),
        NumpyOperation.of("All", o -> reduce(o, "ReduceMin", o.get("x").as(DType.BOOL))),
        NumpyOperation.of("Any", o -> reduce(o, "ReduceMax", o.get("x").as(DType.BOOL))),
        NumpyOperation.of("CountNonzero", NumpyReductions::countNonzero),
        NumpyOperation.of("Ptp", NumpyReductions::peakToPeak),
        NumpyOperation.of("Mean", NumpyReductions::mean),
        NumpyOperation.of("Var", NumpyReductions::variance),
        NumpyOperation.of("Std", NumpyReductions::standardDeviation),
        NumpyOperation.of("Average", NumpyReductions::average).parameters("x", "weights"));
    registry.addAll(
        NumpyOperation.of("Argmax", o -> argument(o, o.tensor("x"), "ArgMax")),
        NumpyOperation.of("Argmin", o -> argument(o, o.tensor("x"), "ArgMin")),
        NumpyOperation.of(
            "Cumsum", o -> cumulative(o, o.tensor("x"), NumpyReductions::cumulativeSum)),
        NumpyOperation.of(
            "Cumprod", o -> cumulative(o, o.tensor("x"), NumpyReductions::cumulativeProduct)));
    registry.addAll(
        NumpyOperation.of("Nansum", NumpyReductions::nanSum),
        NumpyOperation.of("Nanprod", NumpyReductions::nanProduct),
        NumpyOperation.of("Nanmax", o -> nanExtreme(o, "ReduceMax", Double.NEGATIVE_INFINITY)),
        NumpyOperation.of("Nanmin", o -> nanExtreme(o, "ReduceMin", Double.POSITIVE_INFINITY)),
        NumpyOperation.of("Nanmean", NumpyReductions::nanMean),
        NumpyOperation.of("Nanvar", NumpyReductions::nanVariance),
        NumpyOperation.of("Nanstd", o -> o.graph().sqrt(nanVariance(o))),
        NumpyOperation.of("Nanargmax", o -> nanArgument(o, "ArgMax", Double.NEGATIVE_INFINITY)),
        NumpyOperation.of("Nanargmin", o -> nanArgument(o, "ArgMin", Double.POSITIVE_INFINITY)),
        NumpyOperation.of(
            "Nancumsum", o -> cumulative(o, numbers(o, 0), NumpyReductions::cumulativeSum)),
        NumpyOperation.of(
            "Nancumprod", o -> cumulative(o, numbers(o, 1), NumpyReductions::cumulativeProduct)));
  }

  /** Reduces over the axes that {@code axis} names, an empty list of them being none. */
  private static Value reduce(Operands operands, String operator, Value x) {
    return reduce(operands, operator, x, operands.bool("keepdims", false));
  }

  private static Value reduce(Operands operands, String operator, Value x, boolean keepDims) {
    int[] axes = operands.axes("axis", x.rank());
    return axes.length == 0 ? x : operands.graph().reduce(operator, x, keepDims, axes);
  }

  /** Narrow integers are summed in 32 bits. */
  static Value accumulated(GraphBuilder g, Value x) {
    return switch (x.dtype()) {
      case BOOL, INT8, INT16 -> g.cast(x, DType.INT32);
      case UINT8, UINT16 -> g.cast(x, DType.UINT32);
      default -> x;
    };
  }

  /** Keras's TensorFlow backend leaves the type as it is where {@code dtype} is given. */
  private static Value factors(Operands operands) {
    Value x = operands.tensor("x");
    return operands.has("dtype") ? x : accumulated(operands.graph(), x);
  }

  private static Value extreme(Operands operands, String operator) {
    Value x = operands.tensor("x");
    Value reduced = reduce(operands, operator, x);
    return operands
        .find("initial")
        .map(initial -> atLeast(reduced, operator, initial))
        .orElse(reduced);
  }

  private static Value atLeast(Value reduced, String operator, Operand initial) {
    GraphBuilder g = initial.graph();
    boolean bool = reduced.dtype() == DType.BOOL;
    Value numbers = bool ? g.cast(reduced, DType.INT32) : reduced;
    Value bound = initial.as(numbers.dtype());
    Value result = operator.equals("ReduceMax") ? g.max(numbers, bound) : g.min(numbers, bound);
    return bool ? g.cast(result, DType.BOOL) : result;
  }

  private static Value countNonzero(Operands operands) {
    GraphBuilder g = operands.graph();
    Value nonzero = operands.get("x").as(DType.BOOL);
    return reduce(operands, "ReduceSum", g.cast(nonzero, DType.INT32));
  }

  private static Value peakToPeak(Operands operands) {
    Value x = operands.tensor("x");
    return operands.graph().sub(reduce(operands, "ReduceMax", x), reduce(operands, "ReduceMin", x));
  }

  /** Computed in float32 at least; a floating type comes back as it was. */
  private static Value mean(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    DType dtype = Promotion.resultType(x.dtype(), DType.FLOAT32);
    Value mean = reduce(operands, "ReduceMean", g.cast(x, dtype));
    return x.dtype().isFloating() ? g.cast(mean, x.dtype()) : mean;
  }

  private static Value variance(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    DType dtype = Promotion.resultType(x.dtype(), DType.FLOAT32);
    Value variance = variance(operands, g.cast(x, dtype));
    return g.cast(variance, Promotion.withFloat(x.dtype()));
  }

  private static Value standardDeviation(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    return g.sqrt(variance(operands, g.cast(x, Promotion.withFloat(x.dtype()))));
  }

  private static Value variance(Operands operands, Value x) {
    GraphBuilder g = operands.graph();
    Value centered = g.sub(x, reduce(operands, "ReduceMean", x, true));
    return reduce(operands, "ReduceMean", g.square(centered));
  }

  /** https://keras.io/api/ops/numpy/#average */
  private static Value average(Operands operands) {
    GraphBuilder g = operands.graph();
    Operand x = operands.get("x");
    if (!operands.has("weights")) {
      return reduce(operands, "ReduceMean", x.as(Promotion.withFloat(x.dtype())));
    }
    DType dtype = Promotion.withFloat(operands.strongType("x", "weights"));
    Value values = x.as(dtype);
    Value weights = operands.get("weights").as(dtype);
    if (!operands.has("axis") || values.rank() == weights.rank()) {
      Value total = reduce(operands, "ReduceSum", weights);
      return g.div(reduce(operands, "ReduceSum", g.mul(values, weights)), total);
    }
    int axis = operands.axes("axis", values.rank())[0];
    Value aligned = g.reshape(weights, alignedTo(axis, values.rank(), weights.shape()));
    return g.div(g.reduceSum(g.mul(values, aligned), false, axis), g.reduceSum(weights, false));
  }

  private static Shape alignedTo(int axis, int rank, Shape vector) {
    Shape shape = vector;
    for (int i = axis + 1; i < rank; i++) {
      shape = shape.append(io.alphorn.compiler.graph.Dim.of(1));
    }
    return shape;
  }

  /** https://keras.io/api/ops/numpy/#argmax: floats are told apart by the sign of zero as well. */
  private static Value argument(Operands operands, Value x, String operator) {
    GraphBuilder g = operands.graph();
    Value compared = x;
    if (x.dtype().isFloating() && x.rank() > 0) {
      Value wide = g.cast(x, Promotion.resultType(x.dtype(), DType.FLOAT32));
      double least = wide.dtype() == DType.FLOAT64 ? LEAST_DOUBLE : LEAST_FLOAT;
      Value below = g.scalar(wide.dtype(), -least);
      compared = g.where(NumpyUnary.isNegativeZero(g, wide), below, wide);
    }
    boolean keepDims = operands.bool("keepdims", false);
    Value index;
    if (operands.has("axis")) {
      int axis = operands.axis("axis", 0, x.rank());
      index = indexOf(g, operator, compared, axis, keepDims);
    } else {
      index = indexOf(g, operator, g.flatten(compared), 0, false);
      index = keepDims ? g.reshape(index, ones(x.rank())) : index;
    }
    return g.cast(index, DType.INT32);
  }

  private static Value indexOf(
      GraphBuilder g, String operator, Value x, int axis, boolean keepDims) {
    return operator.equals("ArgMax") ? g.argMax(x, axis, keepDims) : g.argMin(x, axis, keepDims);
  }

  static Shape ones(int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    return Shape.of(sizes);
  }

  /** What runs along an axis. */
  @FunctionalInterface
  private interface Along {
    Value apply(GraphBuilder g, Value x, int axis);
  }

  /** Along an axis, or along all elements in a row. */
  private static Value cumulative(Operands operands, Value x, Along function) {
    GraphBuilder g = operands.graph();
    Value typed = operands.dtype("dtype").map(dtype -> g.cast(x, dtype)).orElse(x);
    Value numbers = typed.dtype() == DType.BOOL ? g.cast(typed, DType.INT32) : typed;
    return operands.has("axis")
        ? function.apply(g, numbers, operands.axis("axis", 0, x.rank()))
        : function.apply(g, g.flatten(numbers), 0);
  }

  static Value cumulativeSum(GraphBuilder g, Value x, int axis) {
    return g.emit(
        "CumSum", Map.of(), List.of(x, g.scalar(DType.INT64, axis)), x.dtype(), x.shape());
  }

  /** ONNX has no such operator: one multiplication after the other. */
  static Value cumulativeProduct(GraphBuilder g, Value x, int axis) {
    Value steps = g.moveAxis(x, axis, 0);
    Value ones = g.fill(steps.shape().without(0), x.dtype(), 1);
    List<Value> results =
        g.scan(
            List.of(ones),
            List.of(steps),
            (inner, arguments) -> {
              Value product = inner.mul(arguments.get(0), arguments.get(1));
              return List.of(product, product);
            });
    return g.moveAxis(results.get(1), 0, axis);
  }

  private static Value numbers(Operands operands, double instead) {
    Value x = operands.tensor("x");
    double greatest = x.dtype().isFloating() ? NumpyUnary.greatest(x.dtype()) : 0;
    return x.dtype().isFloating()
        ? NumpyUnary.nanToNum(operands.graph(), x, instead, greatest, -greatest)
        : x;
  }

  /** The elements with a number in place of NaN. */
  private static Value without(GraphBuilder g, Value x, double instead) {
    return x.dtype().isFloating() ? g.where(g.isNaN(x), g.scalar(x.dtype(), instead), x) : x;
  }

  private static Value nanSum(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    return reduce(operands, "ReduceSum", accumulated(g, without(g, x, 0)));
  }

  private static Value nanProduct(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    return reduce(operands, "ReduceProd", accumulated(g, without(g, x, 1)));
  }

  private static Value nanExtreme(Operands operands, String operator, double instead) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (!x.dtype().isFloating()) {
      return reduce(operands, operator, x);
    }
    Value none = reduce(operands, "ReduceMin", g.isNaN(x));
    Value extreme = reduce(operands, operator, without(g, x, instead));
    return g.where(none, g.scalar(x.dtype(), Double.NaN), extreme);
  }

  private static Value nanMean(Operands operands) {
    Value x = operands.tensor("x");
    if (!x.dtype().isFloating()) {
      return reduce(operands, "ReduceMean", operands.graph().cast(x, DType.FLOAT32));
    }
    return nanMean(operands, x, operands.bool("keepdims", false));
  }

  private static Value nanMean(Operands operands, Value x, boolean keepDims) {
    GraphBuilder g = operands.graph();
    if (operands.axes("axis", x.rank()).length == 0) {
      return x;
    }
    Value total = reduce(operands, "ReduceSum", without(g, x, 0), keepDims);
    Value count = g.cast(g.not(g.isNaN(x)), x.dtype());
    return g.div(total, reduce(operands, "ReduceSum", count, keepDims));
  }

  private static Value nanVariance(Operands operands) {
    GraphBuilder g = operands.graph();
    Value input = operands.tensor("x");
    Value x = g.cast(input, Promotion.withFloat(input.dtype()));
    Value centered = g.sub(x, nanMean(operands, x, true));
    Value valid = g.not(g.isNaN(x));
    Value counted = g.where(valid, g.square(centered), g.scalar(x.dtype(), 0));
    Value count = reduce(operands, "ReduceSum", g.cast(valid, x.dtype()));
    return g.div(reduce(operands, "ReduceSum", counted), count);
  }

  private static Value nanArgument(Operands operands, String operator, double instead) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (!x.dtype().isFloating()) {
      return argument(operands, x, operator);
    }
    Value index = argument(operands, without(g, x, instead), operator);
    Value none = reduce(operands, "ReduceMin", g.isNaN(x));
    return g.where(none, g.scalar(DType.INT32, -1), index);
  }
}
