package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code keras.ops.numpy}: comparisons, logic, choices and bits. Types and formulas follow {@code
 * keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyLogic {
  private static final int BITS_OF_A_BYTE = 8;

  private NumpyLogic() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        comparison("Equal", GraphBuilder::equal),
        comparison("Greater", GraphBuilder::greater),
        comparison("GreaterEqual", GraphBuilder::greaterOrEqual),
        comparison("Less", GraphBuilder::less),
        comparison("LessEqual", GraphBuilder::lessOrEqual),
        comparison("NotEqual", GraphBuilder::notEqual),
        logic("LogicalAnd", GraphBuilder::and),
        logic("LogicalOr", GraphBuilder::or),
        logic("LogicalXor", GraphBuilder::xor));
    registry.addAll(
        NumpyOperation.of("Isclose", NumpyLogic::isClose).parameters("x1", "x2", "rtol", "atol"),
        NumpyOperation.of("AllClose", NumpyLogic::allClose).parameters("x1", "x2"),
        NumpyOperation.of("IsIn", NumpyLogic::isIn).parameters("x1", "x2"),
        Lowering.operation("numpy", "Where", NumpyLogic::where).parameters("condition", "x1", "x2"),
        NumpyOperation.of("Select", NumpyLogic::select)
            .parameters("condlist", "choicelist", "default"),
        NumpyOperation.of("Clip", NumpyLogic::clip));
    registry.addAll(
        bits("BitwiseAnd", "BitwiseAnd"),
        bits("BitwiseOr", "BitwiseOr"),
        bits("BitwiseXor", "BitwiseXor"),
        NumpyOperation.of("BitwiseInvert", o -> invert(o)),
        NumpyOperation.of("BitwiseNot", o -> invert(o)),
        shift("BitwiseLeftShift", NumpyLogic::shiftLeft),
        shift("LeftShift", NumpyLogic::shiftLeft),
        shift("BitwiseRightShift", NumpyLogic::shiftRight),
        shift("RightShift", NumpyLogic::shiftRight));
  }

  private static Lowering comparison(String className, NumpyArithmetic.Binary function) {
    return NumpyOperation.of(
            className,
            operands -> {
              List<Value> values = operands.strong("x1", "x2");
              return function.apply(operands.graph(), values.get(0), values.get(1));
            })
        .parameters("x1", "x2");
  }

  private static Lowering logic(String className, NumpyArithmetic.Binary function) {
    return NumpyOperation.of(
            className,
            operands -> {
              List<Value> values = operands.as(DType.BOOL, "x1", "x2");
              return function.apply(operands.graph(), values.get(0), values.get(1));
            })
        .parameters("x1", "x2");
  }

  /** https://keras.io/api/ops/numpy/#isclose */
  private static Value isClose(Operands operands) {
    GraphBuilder g = operands.graph();
    DType dtype = operands.strongType("x1", "x2");
    List<Value> values = operands.strong("x1", "x2");
    return dtype.isFloating()
        ? orBothNaN(operands, values, close(operands, values))
        : g.equal(values.get(0), values.get(1));
  }

  private static Value allClose(Operands operands) {
    GraphBuilder g = operands.graph();
    DType dtype = operands.strongType("x1", "x2");
    List<Value> values = operands.strong("x1", "x2");
    Value result = g.equal(values.get(0), values.get(1));
    if (dtype.isFloating()) {
      Value infinite = g.or(g.isInf(values.get(0)), g.isInf(values.get(1)));
      Value closeNumbers = g.and(g.not(infinite), close(operands, values));
      result = orBothNaN(operands, values, g.or(closeNumbers, result));
    }
    return g.reduceMin(result, false);
  }

  private static Value close(Operands operands, List<Value> values) {
    GraphBuilder g = operands.graph();
    double relative = operands.real("rtol", 1e-5);
    double absolute = operands.real("atol", 1e-8);
    Value distance = g.abs(g.sub(values.get(0), values.get(1)));
    return g.lessOrEqual(distance, g.add(g.mul(g.abs(values.get(1)), relative), absolute));
  }

  private static Value orBothNaN(Operands operands, List<Value> values, Value result) {
    GraphBuilder g = operands.graph();
    return operands.bool("equal_nan", false)
        ? g.or(result, g.and(g.isNaN(values.get(0)), g.isNaN(values.get(1))))
        : result;
  }

  /** https://keras.io/api/ops/numpy/#isin */
  private static Value isIn(Operands operands) {
    GraphBuilder g = operands.graph();
    List<Value> values = operands.strong("x1", "x2");
    Value candidates = g.flatten(values.get(1));
    if (candidates.dim(0).size() == 0) {
      return g.fill(values.get(0).shape(), DType.BOOL, 0);
    }
    Value equal = g.equal(g.unsqueeze(values.get(0), -1), candidates);
    Value found = g.reduceMax(equal, false, -1);
    return operands.bool("invert", false) ? g.not(found) : found;
  }

  /** https://keras.io/api/ops/numpy/#where */
  private static Nested<KerasTensor> where(OperationCall call) {
    Operands operands = Operands.of(call);
    Value condition = operands.get("condition").as(DType.BOOL);
    if (!operands.has("x1") && !operands.has("x2")) {
      return NumpyIndexing.nonzero(call.graph(), condition);
    }
    List<Value> values = operands.as(operands.resultType("x1", "x2"), "x1", "x2");
    return output(choose(call.graph(), condition, values.get(0), values.get(1)));
  }

  /** ONNX's Where; of booleans by logic, as there is no kernel for them. */
  static Value choose(GraphBuilder g, Value condition, Value a, Value b) {
    return a.dtype() == DType.BOOL
        ? g.or(g.and(condition, a), g.and(g.not(condition), b))
        : g.where(condition, a, b);
  }

  /** https://keras.io/api/ops/numpy/#select promotes as NumPy, not as Keras does. */
  private static Value select(Operands operands) {
    GraphBuilder g = operands.graph();
    List<Operand> conditions = operands.get("condlist").items();
    List<Operand> choices = operands.get("choicelist").items();
    if (conditions.size() != choices.size() || conditions.isEmpty()) {
      throw AlphornException.invalidArgument(
          "%d conditions do not fit %d choices", conditions.size(), choices.size());
    }
    Operand otherwise =
        operands.find("default").orElseGet(() -> new Operand(g, "default", new Nested.Int<>(0)));
    List<Promotion.Type> types = new ArrayList<>();
    types.add(otherwise.type());
    choices.forEach(choice -> types.add(choice.type()));
    DType dtype = NumpyPromotion.resultType(types);
    Value selected = otherwise.as(dtype);
    for (int i = conditions.size() - 1; i >= 0; i--) {
      Value condition = conditions.get(i).as(DType.BOOL);
      selected = choose(g, condition, choices.get(i).as(dtype), selected);
    }
    return selected;
  }

  /** https://keras.io/api/ops/numpy/#clip */
  private static Value clip(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    Value numbers = x.dtype() == DType.BOOL ? g.cast(x, DType.INT32) : x;
    Value lowest = operands.get("x_min").as(numbers.dtype());
    Value highest = operands.get("x_max").as(numbers.dtype());
    if (lowest.rank() == 0 && highest.rank() == 0 && areInOrder(g, lowest, highest)) {
      return g.emit(
          "Clip", Map.of(), List.of(numbers, lowest, highest), numbers.dtype(), numbers.shape());
    }
    return g.max(g.min(numbers, highest), lowest);
  }

  /**
   * Whether the bounds are known not to cross, where ONNX and Keras differ. They can: -1 is the
   * greatest number of an unsigned type.
   */
  private static boolean areInOrder(GraphBuilder g, Value lowest, Value highest) {
    Optional<Double> low = numberOf(g, lowest);
    Optional<Double> high = numberOf(g, highest);
    return low.isPresent() && high.isPresent() && low.get() <= high.get();
  }

  private static Optional<Double> numberOf(GraphBuilder g, Value scalar) {
    return g.constantOf(scalar)
        .map(Constant::read)
        .map(tensor -> Casts.realAt(tensor.bytes(), tensor.dtype(), 0));
  }

  private static Lowering bits(String className, String operator) {
    return NumpyOperation.of(
            className,
            operands -> {
              List<Value> values = operands.strong("x", "y");
              return operands.graph().binary(operator, values.get(0), values.get(1));
            })
        .parameters("x", "y");
  }

  private static Value invert(Operands operands) {
    return operands.graph().unary("BitwiseNot", operands.tensor("x"));
  }

  /** A number of Python takes the type of the tensor that it shifts. */
  private static Lowering shift(String className, NumpyArithmetic.Binary function) {
    return NumpyOperation.of(
            className,
            operands -> {
              Operand x = operands.get("x");
              Operand y = operands.get("y");
              DType dtype = y.type().weak() ? x.dtype() : operands.strongType("x", "y");
              return function.apply(operands.graph(), x.as(dtype), y.as(dtype));
            })
        .parameters("x", "y");
  }

  private static Value shiftLeft(GraphBuilder g, Value x, Value y) {
    DType unsigned = unsigned(x.dtype());
    Value count = g.cast(heldToWidth(g, y), unsigned);
    return g.cast(bitShift(g, "LEFT", g.cast(x, unsigned), count), x.dtype());
  }

  /** Shifts with the sign: a negative number is shifted as its complement. */
  private static Value shiftRight(GraphBuilder g, Value x, Value y) {
    DType unsigned = unsigned(x.dtype());
    Value count = g.cast(heldToWidth(g, y), unsigned);
    if (x.dtype() == unsigned) {
      return bitShift(g, "RIGHT", x, count);
    }
    Value zero = g.scalar(x.dtype(), 0);
    Value sign = g.where(g.less(x, zero), g.scalar(x.dtype(), -1), zero);
    Value magnitude = g.cast(g.binary("BitwiseXor", x, sign), unsigned);
    Value shifted = g.cast(bitShift(g, "RIGHT", magnitude, count), x.dtype());
    return g.binary("BitwiseXor", shifted, sign);
  }

  private static Value bitShift(GraphBuilder g, String direction, Value x, Value count) {
    return g.emit(
        "BitShift",
        Map.of("direction", Attribute.of(direction)),
        List.of(x, count),
        x.dtype(),
        g.broadcast(x.shape(), count.shape()));
  }

  /** TensorFlow holds counts of bits between 0 and the width of the type less one. */
  private static Value heldToWidth(GraphBuilder g, Value count) {
    return g.min(g.max(count, 0), count.dtype().bytes() * BITS_OF_A_BYTE - 1);
  }

  private static DType unsigned(DType dtype) {
    return switch (dtype) {
      case INT8 -> DType.UINT8;
      case INT16 -> DType.UINT16;
      case INT32 -> DType.UINT32;
      case INT64 -> DType.UINT64;
      default -> dtype;
    };
  }
}
