package io.alphorn.compiler;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every function of {@code keras.activations}, by name. Formulas follow {@code
 * keras/src/activations/activations.py} and the TensorFlow backend's {@code nn.py}.
 */
public final class Activations {
  /** An activation with Keras's default arguments. */
  @FunctionalInterface
  private interface Activation {
    Value apply(GraphBuilder g, Value x);
  }

  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
  private static final double SELU_SCALE = 1.0507009873554804934193349852946;

  private static final Map<String, Activation> BY_NAME = new TreeMap<>();

  static {
    BY_NAME.put("linear", (g, x) -> x);
    BY_NAME.put("relu", GraphBuilder::relu);
    BY_NAME.put("relu6", Activations::relu6);
    BY_NAME.put("leaky_relu", (g, x) -> leakyRelu(g, x, 0.2));
    BY_NAME.put("elu", (g, x) -> elu(g, x, 1));
    BY_NAME.put("selu", Activations::selu);
    BY_NAME.put("celu", (g, x) -> celu(g, x, 1));
    BY_NAME.put("softmax", (g, x) -> g.softmax(x, -1));
    BY_NAME.put("log_softmax", (g, x) -> g.logSoftmax(x, -1));
    BY_NAME.put("softplus", Activations::softplus);
    BY_NAME.put("softsign", Activations::softsign);
    BY_NAME.put("soft_shrink", (g, x) -> softShrink(g, x, 0.5));
    BY_NAME.put("sparse_plus", Activations::sparsePlus);
    BY_NAME.put("silu", Activations::silu);
    BY_NAME.put("swish", Activations::silu);
    BY_NAME.put("squareplus", (g, x) -> squareplus(g, x, 4));
    BY_NAME.put("gelu", (g, x) -> gelu(g, x, false));
    BY_NAME.put("glu", (g, x) -> glu(g, x, -1));
    BY_NAME.put("tanh", GraphBuilder::tanh);
    BY_NAME.put("tanh_shrink", Activations::tanhShrink);
    BY_NAME.put("hard_tanh", Activations::hardTanh);
    BY_NAME.put("hard_shrink", (g, x) -> hardShrink(g, x, 0.5));
    BY_NAME.put("sigmoid", GraphBuilder::sigmoid);
    BY_NAME.put("exponential", GraphBuilder::exp);
    BY_NAME.put("hard_sigmoid", Activations::hardSigmoid);
    BY_NAME.put("log_sigmoid", Activations::logSigmoid);
    BY_NAME.put("sparse_sigmoid", Activations::sparseSigmoid);
    BY_NAME.put("hard_silu", Activations::hardSilu);
    BY_NAME.put("hard_swish", Activations::hardSilu);
    BY_NAME.put("mish", Activations::mish);
    BY_NAME.put("sparsemax", (g, x) -> sparsemax(g, x, -1));
  }

  private Activations() {}

  /** Whether {@code name} is one of Keras's activations. */
  public static boolean isKnown(String name) {
    return BY_NAME.containsKey(name);
  }

  /** Applies the activation called {@code name}. */
  public static Value apply(OperationCall call, String name, Value x) {
    Activation activation = BY_NAME.get(name);
    if (activation == null) {
      throw AlphornException.unimplemented(
          "activation '%s' is not one of Keras's: %s. If it is a function of yours, build it from"
              + " keras.ops or from these",
          name, BY_NAME.keySet());
    }
    return activation.apply(call.graph(), x);
  }

  public static Value relu6(GraphBuilder g, Value x) {
    return g.clip(x, 0, 6);
  }

  /** Of integers a float32, as TensorFlow's. */
  public static Value leakyRelu(GraphBuilder g, Value x, double slope) {
    Value floating = x.dtype().isFloating() ? x : g.cast(x, DType.FLOAT32);
    return g.unary("LeakyRelu", Map.of("alpha", Attribute.of(slope)), floating);
  }

  public static Value elu(GraphBuilder g, Value x, double alpha) {
    return g.unary("Elu", Map.of("alpha", Attribute.of(alpha)), x);
  }

  public static Value celu(GraphBuilder g, Value x, double alpha) {
    return g.unary("Celu", Map.of("alpha", Attribute.of(alpha)), x);
  }

  public static Value selu(GraphBuilder g, Value x) {
    Map<String, Attribute> attributes =
        Map.of("alpha", Attribute.of(SELU_ALPHA), "gamma", Attribute.of(SELU_SCALE));
    return g.unary("Selu", attributes, x);
  }

  public static Value softplus(GraphBuilder g, Value x) {
    return g.unary("Softplus", x);
  }

  public static Value softsign(GraphBuilder g, Value x) {
    return g.unary("Softsign", x);
  }

  public static Value silu(GraphBuilder g, Value x) {
    return g.mul(x, g.sigmoid(x));
  }

  public static Value logSigmoid(GraphBuilder g, Value x) {
    return g.neg(softplus(g, g.neg(x)));
  }

  public static Value sparseSigmoid(GraphBuilder g, Value x) {
    return g.clip(g.mul(g.add(x, 1), 0.5), 0, 1);
  }

  public static Value hardTanh(GraphBuilder g, Value x) {
    return g.clip(x, -1, 1);
  }

  public static Value tanhShrink(GraphBuilder g, Value x) {
    return g.sub(x, g.tanh(x));
  }

  public static Value hardSigmoid(GraphBuilder g, Value x) {
    Map<String, Attribute> attributes =
        Map.of("alpha", Attribute.of(1.0 / 6), "beta", Attribute.of(0.5));
    return g.unary("HardSigmoid", attributes, x);
  }

  public static Value hardSilu(GraphBuilder g, Value x) {
    return g.mul(x, hardSigmoid(g, x));
  }

  public static Value mish(GraphBuilder g, Value x) {
    return g.mul(x, g.tanh(softplus(g, x)));
  }

  public static Value gelu(GraphBuilder g, Value x, boolean approximate) {
    Attribute kind = Attribute.of(approximate ? "tanh" : "none");
    return g.unary("Gelu", Map.of("approximate", kind), x);
  }

  public static Value glu(GraphBuilder g, Value x, int axis) {
    var halves = g.split(x, axis, 2);
    return g.mul(halves.get(0), g.sigmoid(halves.get(1)));
  }

  public static Value softShrink(GraphBuilder g, Value x, double threshold) {
    Value above = g.where(g.greater(x, like(g, x, threshold)), g.sub(x, threshold), like(g, x, 0));
    return g.where(g.less(x, like(g, x, -threshold)), g.add(x, threshold), above);
  }

  public static Value hardShrink(GraphBuilder g, Value x, double threshold) {
    return g.where(g.greater(g.abs(x), like(g, x, threshold)), x, like(g, x, 0));
  }

  public static Value threshold(GraphBuilder g, Value x, double threshold, double otherwise) {
    return g.where(g.greater(x, like(g, x, threshold)), x, like(g, x, otherwise));
  }

  public static Value squareplus(GraphBuilder g, Value x, double b) {
    return g.div(g.add(x, g.sqrt(g.add(g.square(x), b))), 2);
  }

  public static Value sparsePlus(GraphBuilder g, Value x) {
    Value middle = g.mul(g.square(g.add(x, 1)), 0.25);
    Value rising = g.where(g.less(x, like(g, x, 1)), middle, x);
    return g.where(g.lessOrEqual(x, like(g, x, -1)), like(g, x, 0), rising);
  }

  /**
   * Martins and Astudillo's sparsemax (2016) as Keras's TensorFlow backend has it: the threshold
   * comes from the sum of the running sums over the support, where the paper takes the last one.
   */
  public static Value sparsemax(GraphBuilder g, Value x, int axis) {
    Value sorted = g.sort(x, axis, true).getFirst();
    Value sums = g.cumulativeSum(sorted, axis);
    Value ranks = alignTo(g, g.add(g.range(x.dim(axis), x.dtype()), 1), x, axis);
    Value inSupport = g.greater(sorted, g.div(g.sub(sums, 1), ranks));
    Value count = g.reduceSum(g.cast(inSupport, x.dtype()), true, axis);
    Value total = g.reduceSum(g.where(inSupport, sums, like(g, x, 0)), true, axis);
    return g.relu(g.sub(x, g.div(g.sub(total, 1), count)));
  }

  /** A vector along {@code axis} of {@code x}, shaped to broadcast. */
  private static Value alignTo(GraphBuilder g, Value vector, Value x, int axis) {
    Value aligned = vector;
    for (int i = x.shape().axis(axis) + 1; i < x.rank(); i++) {
      aligned = g.unsqueeze(aligned, -1);
    }
    return aligned;
  }

  private static Value like(GraphBuilder g, Value x, double number) {
    return g.scalar(x.dtype(), number);
  }
}
