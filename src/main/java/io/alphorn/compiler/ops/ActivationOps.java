package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.Activations;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;

/** {@code keras.ops.nn}: the activations, whose formulas stand in {@link Activations}. */
public final class ActivationOps {
  /** An activation of a tensor with the operation's arguments. */
  @FunctionalInterface
  private interface Activation {
    Value apply(GraphBuilder g, Value x, Operands operands);
  }

  /** An activation without arguments. */
  @FunctionalInterface
  private interface PlainActivation {
    Value apply(GraphBuilder g, Value x);
  }

  private static final double SHRINK_THRESHOLD = 0.5;
  private static final double LEAKY_SLOPE = 0.2;
  private static final double SQUAREPLUS_B = 4;

  private ActivationOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        plain("Relu", GraphBuilder::relu),
        plain("Relu6", Activations::relu6),
        plain("Sigmoid", GraphBuilder::sigmoid),
        plain("SparseSigmoid", Activations::sparseSigmoid),
        plain("Softplus", Activations::softplus),
        plain("Softsign", Activations::softsign),
        plain("SparsePlus", Activations::sparsePlus),
        plain("Silu", Activations::silu),
        plain("LogSigmoid", Activations::logSigmoid),
        plain("HardSigmoid", Activations::hardSigmoid),
        plain("HardSilu", Activations::hardSilu),
        plain("Selu", Activations::selu),
        plain("TanhShrink", Activations::tanhShrink),
        plain("HardTanh", Activations::hardTanh));
    registry.addAll(
        activation("SoftShrink", (g, x, o) -> Activations.softShrink(g, x, threshold(o))),
        activation("HardShrink", (g, x, o) -> Activations.hardShrink(g, x, threshold(o))),
        activation(
            "Squareplus", (g, x, o) -> Activations.squareplus(g, x, o.real("b", SQUAREPLUS_B))),
        activation(
            "LeakyRelu",
            (g, x, o) -> Activations.leakyRelu(g, x, o.real("negative_slope", LEAKY_SLOPE))),
        activation("Elu", (g, x, o) -> Activations.elu(g, x, o.real("alpha", 1))),
        activation("Celu", (g, x, o) -> Activations.celu(g, x, o.real("alpha", 1))),
        activation("Gelu", (g, x, o) -> Activations.gelu(g, x, o.bool("approximate", true))),
        activation("Glu", (g, x, o) -> Activations.glu(g, x, axis(x, o))),
        activation(
            "Threshold",
            (g, x, o) ->
                Activations.threshold(
                    g, x, o.get("threshold").real(), o.get("default_value").real())),
        activation("Sparsemax", (g, x, o) -> Activations.sparsemax(g, x, axis(x, o))),
        activation("Softmax", (g, x, o) -> alongAxis(g, x, o, g::softmax)),
        activation("LogSoftmax", (g, x, o) -> alongAxis(g, x, o, g::logSoftmax)));
  }

  private static Lowering plain(String className, PlainActivation activation) {
    return activation(className, (g, x, operands) -> activation.apply(g, x));
  }

  private static Lowering activation(String className, Activation activation) {
    return Lowering.operation(
        "nn",
        className,
        call -> {
          Operands operands = Operands.of(call);
          return output(activation.apply(call.graph(), operands.tensor("x"), operands));
        });
  }

  private static double threshold(Operands operands) {
    return operands.real("threshold", SHRINK_THRESHOLD);
  }

  private static int axis(Value x, Operands operands) {
    return operands.axis("axis", -1, x.rank());
  }

  /** A normalization along an axis. */
  @FunctionalInterface
  private interface Normalization {
    Value apply(Value x, int axis);
  }

  /** Keras's {@code axis=None} stands for the whole tensor as one row; left out, it is the last. */
  private static Value alongAxis(
      GraphBuilder g, Value x, Operands operands, Normalization normalization) {
    return operands.isExplicitlyNone("axis")
        ? g.reshape(normalization.apply(g.flatten(x), 0), x.shape())
        : normalization.apply(x, axis(x, operands));
  }
}
