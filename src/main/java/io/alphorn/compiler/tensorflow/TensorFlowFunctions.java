package io.alphorn.compiler.tensorflow;

import static io.alphorn.compiler.tensorflow.TensorFlowCall.leaf;
import static io.alphorn.compiler.tensorflow.TensorFlowCall.only;
import static io.alphorn.compiler.tensorflow.TensorFlowFunction.operation;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Operands;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The functions of TensorFlow that TFOpLambda may name, by the names under which it exports them.
 */
final class TensorFlowFunctions {
  private static final String[] MATMUL = {"a", "b", "transpose_a", "transpose_b"};
  private static final String[] ARGUMENT = {"input", "axis", "output_type"};

  private static final Map<String, TensorFlowFunction> BY_NAME = new TreeMap<>();

  static {
    arithmetic();
    comparisons();
    reductions();
    activations();
    TensorFlowShapes.addTo(BY_NAME);
  }

  private TensorFlowFunctions() {}

  static Optional<TensorFlowFunction> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  private static void arithmetic() {
    unary("math.abs", "Absolute");
    unary("math.negative", "Negative");
    unary("math.reciprocal", "Reciprocal");
    unary("math.exp", "Exp");
    unary("math.expm1", "Expm1");
    unary("math.log", "Log");
    unary("math.log1p", "Log1p");
    unary("math.sqrt", "Sqrt");
    unary("math.rsqrt", "Rsqrt");
    unary("math.square", "Square");
    unary("math.sign", "Sign");
    unary("math.floor", "Floor");
    unary("math.ceil", "Ceil");
    unary("math.round", "Round");
    unary("math.sin", "Sin");
    unary("math.cos", "Cos");
    unary("math.tan", "Tan");
    unary("math.asin", "Arcsin");
    unary("math.acos", "Arccos");
    unary("math.atan", "Arctan");
    unary("math.sinh", "Sinh");
    unary("math.cosh", "Cosh");
    unary("math.erf", "Erf");
    binary("Add", "math.add", "__operators__.add");
    binary("Subtract", "math.subtract");
    binary("Multiply", "math.multiply");
    binary("FloorDivide", "floor_div", "math.floordiv");
    binary("Mod", "math.floormod", "math.mod");
    binary("Power", "math.pow", "pow");
    binary("Maximum", "math.maximum");
    binary("Minimum", "math.minimum");
    binary("DivideNoNan", "math.divide_no_nan");
    add(
        TensorFlowFunction.of(TensorFlowFunctions::divide, "x", "y"),
        "math.truediv",
        "math.divide");
    add(
        TensorFlowFunction.of(
            call -> {
              List<Value> both = call.alike("x", "y");
              Value difference = call.binary("Subtract", both.getFirst(), both.getLast());
              return leaf(call.unary("Square", difference));
            },
            "x",
            "y"),
        "math.squared_difference");
    add(TensorFlowFunction.of(TensorFlowFunctions::addAll, "inputs"), "math.add_n");
    add(operation("Clip", "t=x", "clip_value_min=x_min", "clip_value_max=x_max"), "clip_by_value");
    add(TensorFlowFunction.of(TensorFlowFunctions::matmul, MATMUL), "linalg.matmul");
    add(operation("Tensordot", "a=x1", "b=x2", "axes"), "tensordot");
    add(
        TensorFlowFunction.of(TensorFlowFunctions::l2Normalize, "x", "axis", "epsilon"),
        "math.l2_normalize");
    add(operation("Cumsum", "x", "axis"), "math.cumsum");
    add(operation("Cumprod", "x", "axis"), "math.cumprod");
  }

  private static void comparisons() {
    binary("Equal", "math.equal");
    binary("NotEqual", "math.not_equal");
    binary("Greater", "math.greater");
    binary("GreaterEqual", "math.greater_equal");
    binary("Less", "math.less");
    binary("LessEqual", "math.less_equal");
    binary("LogicalAnd", "math.logical_and");
    binary("LogicalOr", "math.logical_or");
    binary("LogicalXor", "math.logical_xor");
    unary("math.logical_not", "LogicalNot");
    unary("math.is_nan", "Isnan");
    unary("math.is_inf", "Isinf");
    unary("math.is_finite", "Isfinite");
    add(
        TensorFlowFunction.of(
            call -> {
              List<Value> both = call.alike("x", "y");
              return call.operation(
                  "Where",
                  Map.of(
                      "condition", call.operand("condition").argument(),
                      "x1", leaf(both.getFirst()),
                      "x2", leaf(both.getLast())));
            },
            "condition",
            "x",
            "y"),
        "where");
  }

  private static void reductions() {
    reduction("math.reduce_mean", "Mean");
    reduction("math.reduce_sum", "Sum");
    reduction("math.reduce_prod", "Prod");
    reduction("math.reduce_max", "Max");
    reduction("math.reduce_min", "Min");
    reduction("math.reduce_std", "Std");
    reduction("math.reduce_variance", "Var");
    reduction("math.reduce_logsumexp", "Logsumexp");
    reduction("math.reduce_any", "Any");
    reduction("math.reduce_all", "All");
    add(TensorFlowFunction.of(call -> argument(call, "Argmax"), ARGUMENT), "math.argmax");
    add(TensorFlowFunction.of(call -> argument(call, "Argmin"), ARGUMENT), "math.argmin");
    add(
        TensorFlowFunction.of(TensorFlowFunctions::norm, "tensor", "ord", "axis", "keepdims"),
        "norm",
        "linalg.norm");
    add(
        TensorFlowFunction.of(
            call ->
                call.operation(
                    "TopK",
                    Map.of("x", leaf(call.tensor("input")), "k", integer(call.integer("k", 1)))),
            "input",
            "k",
            "sorted"),
        "math.top_k");
    add(
        TensorFlowFunction.of(
            call -> {
              if (!call.text("direction", "ASCENDING").equals("ASCENDING")) {
                throw call.unsupported("descending order");
              }
              return call.operation(
                  "Sort",
                  Map.of(
                      "x", leaf(call.tensor("values")), "axis", integer(call.integer("axis", -1))));
            },
            "values",
            "axis",
            "direction"),
        "sort");
  }

  private static void activations() {
    unary("math.tanh", "Tanh");
    unary("math.sigmoid", "Sigmoid");
    unary("math.log_sigmoid", "LogSigmoid");
    unary("math.softplus", "Softplus");
    unary("nn.relu", "Relu");
    unary("nn.relu6", "Relu6");
    unary("nn.elu", "Elu");
    unary("nn.selu", "Selu");
    unary("nn.softsign", "Softsign");
    unary("nn.silu", "Silu");
    alongLastAxis("nn.softmax", "Softmax");
    alongLastAxis("nn.log_softmax", "LogSoftmax");
    add(
        TensorFlowFunction.of(
            call ->
                call.operation(
                    "Gelu",
                    Map.of(
                        "x",
                        leaf(call.tensor("features")),
                        "approximate",
                        new Nested.Bool<>(call.bool("approximate")))),
            "features",
            "approximate"),
        "nn.gelu");
    add(
        TensorFlowFunction.of(
            call ->
                call.operation(
                    "LeakyRelu",
                    Map.of(
                        "x",
                        leaf(call.tensor("features")),
                        "negative_slope",
                        new Nested.Real<>(call.real("alpha", 0.2)))),
            "features",
            "alpha"),
        "nn.leaky_relu");
    add(operation("Add", "value=x1", "bias=x2"), "nn.bias_add");
  }

  private static void add(TensorFlowFunction function, String... names) {
    for (String name : names) {
      BY_NAME.put(name, function);
    }
  }

  private static void unary(String name, String className) {
    add(operation(className, "x"), name);
  }

  /** Along the last axis where none is given. */
  private static void alongLastAxis(String name, String className) {
    add(
        TensorFlowFunction.of(
            call ->
                call.operation(
                    className,
                    Map.of(
                        "x",
                        leaf(call.tensor("logits")),
                        "axis",
                        integer(call.integer("axis", -1)))),
            "logits",
            "axis"),
        name);
  }

  private static void binary(String className, String... names) {
    add(
        TensorFlowFunction.of(
            call -> {
              List<Value> both = call.alike("x", "y");
              return leaf(call.binary(className, both.getFirst(), both.getLast()));
            },
            "x",
            "y"),
        names);
  }

  /** TensorFlow keeps the type, where Keras sums small integers in wider ones. */
  private static void reduction(String name, String className) {
    add(
        TensorFlowFunction.of(
            call -> {
              Value x = call.tensor("input_tensor");
              Map<String, String> names =
                  Map.of("input_tensor", "x", "axis", "axis", "keepdims", "keepdims");
              Value reduced = only(call.operation(className, call.renamed(names)));
              return leaf(call.graph().cast(reduced, x.dtype()));
            },
            "input_tensor",
            "axis",
            "keepdims"),
        name);
  }

  static Nested<KerasTensor> integer(long value) {
    return new Nested.Int<>(value);
  }

  /** Of integers of 32 and 64 bits a float64, of smaller ones a float32. */
  private static Nested<KerasTensor> divide(TensorFlowCall call) {
    List<Value> both = call.alike("x", "y");
    DType dtype =
        switch (both.getFirst().dtype()) {
          case INT32, INT64, UINT32, UINT64 -> DType.FLOAT64;
          case INT8, INT16, UINT8, UINT16 -> DType.FLOAT32;
          default -> both.getFirst().dtype();
        };
    Value x = call.graph().cast(both.getFirst(), dtype);
    return leaf(call.binary("Divide", x, call.graph().cast(both.getLast(), dtype)));
  }

  private static Nested<KerasTensor> addAll(TensorFlowCall call) {
    Value sum = Value.NONE;
    for (KerasTensor tensor : call.operand("inputs").argument().leaves()) {
      sum = sum.isPresent() ? call.binary("Add", sum, tensor.value()) : tensor.value();
    }
    return leaf(sum);
  }

  private static Nested<KerasTensor> matmul(TensorFlowCall call) {
    List<Value> both = call.alike("a", "b");
    return leaf(
        call.binary(
            "Matmul",
            transposed(call, both.getFirst(), "transpose_a"),
            transposed(call, both.getLast(), "transpose_b")));
  }

  private static Value transposed(TensorFlowCall call, Value x, String flag) {
    return call.bool(flag)
        ? only(
            call.operation(
                "Swapaxes", Map.of("x", leaf(x), "axis1", integer(-2), "axis2", integer(-1))))
        : x;
  }

  /** {@code x * rsqrt(max(sum(x * x), epsilon))}. */
  private static Nested<KerasTensor> l2Normalize(TensorFlowCall call) {
    Value x = call.tensor("x");
    Value squares = only(sum(call, call.unary("Square", x), "axis", true));
    Value floor = call.graph().scalar(x.dtype(), call.real("epsilon", 1e-12));
    Value scale = call.unary("Rsqrt", call.binary("Maximum", squares, floor));
    return leaf(call.binary("Multiply", x, scale));
  }

  private static Nested<KerasTensor> norm(TensorFlowCall call) {
    boolean euclidean =
        !call.has("ord")
            || call.operand("ord").text().filter("euclidean"::equals).isPresent()
            || (call.operand("ord").text().isEmpty() && call.operand("ord").real() == 2);
    boolean ofVectors = !call.has("axis") || call.operand("axis").integers().size() == 1;
    if (!euclidean || !ofVectors) {
      throw call.unsupported("another norm than the euclidean of vectors");
    }
    Value squares = call.unary("Square", call.tensor("tensor"));
    return leaf(call.unary("Sqrt", only(sum(call, squares, "axis", call.bool("keepdims")))));
  }

  private static Nested<KerasTensor> sum(
      TensorFlowCall call, Value x, String axis, boolean keepDims) {
    Nested<KerasTensor> axes = call.has(axis) ? call.operand(axis).argument() : new Nested.None<>();
    return call.operation(
        "Sum", Map.of("x", leaf(x), "axis", axes, "keepdims", new Nested.Bool<>(keepDims)));
  }

  /** Along the first axis where none is given. */
  private static Nested<KerasTensor> argument(TensorFlowCall call, String className) {
    Value x = call.tensor("input");
    int axis = Operands.position(call.integer("axis", 0), x.rank());
    Value found = only(call.operation(className, Map.of("x", leaf(x), "axis", integer(axis))));
    String type = call.text("output_type", "int64").toLowerCase(Locale.ROOT);
    return leaf(call.graph().cast(found, DType.of(type)));
  }
}
