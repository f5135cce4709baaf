package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;

/**
 * {@code keras.ops.nn}: crossentropies and the peak signal-to-noise ratio. Follows {@code
 * keras/src/backend/tensorflow/nn.py}.
 */
public final class LossOps {
  /** What a crossentropy is taken of: logits, or probabilities. */
  private record Prediction(Value value, boolean logits) {}

  private LossOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "BinaryCrossentropy", LossOps::binary)
            .parameters("target", "output"),
        Lowering.operation("nn", "CategoricalCrossentropy", LossOps::categorical)
            .parameters("target", "output"),
        Lowering.operation("nn", "SparseCategoricalCrossentropy", LossOps::sparseCategorical)
            .parameters("target", "output"),
        Lowering.operation("nn", "PSNR", LossOps::psnr).parameters("x1", "x2"));
  }

  /** Keras takes the logits themselves where the probabilities come right out of an activation. */
  private static Prediction prediction(OperationCall call, String activation) {
    Operands operands = Operands.of(call);
    Value output = operands.tensor("output");
    return call.graph()
        .producer(output)
        .filter(node -> node.operator().equals(activation))
        .map(node -> new Prediction(node.inputs().getFirst(), true))
        .orElseGet(() -> new Prediction(output, operands.bool("from_logits", false)));
  }

  private static Nested<KerasTensor> binary(OperationCall call) {
    GraphBuilder g = call.graph();
    Prediction prediction = prediction(call, "Sigmoid");
    Value x = prediction.value();
    Value target = Operands.of(call).get("target").as(x.dtype());
    if (prediction.logits()) {
      Value excess = g.sub(g.max(x, 0), g.mul(x, target));
      Value rest = g.log(g.add(g.exp(g.neg(g.abs(x))), 1));
      return output(g.add(excess, rest));
    }
    Value clipped = clip(g, x);
    Value hit = g.mul(target, g.log(clipped));
    Value missed = g.mul(g.sub(1, target), g.log(g.sub(1, clipped)));
    return output(g.neg(g.add(hit, missed)));
  }

  private static Value clip(GraphBuilder g, Value x) {
    return g.clip(x, NormalizationOps.EPSILON, 1 - NormalizationOps.EPSILON);
  }

  private static Nested<KerasTensor> categorical(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Prediction prediction = prediction(call, "Softmax");
    Value x = prediction.value();
    int axis = operands.axis("axis", -1, x.rank());
    Value logarithms;
    if (prediction.logits()) {
      logarithms = g.logSoftmax(g.cast(x, precise(x.dtype())), axis);
    } else {
      logarithms = g.log(clip(g, g.div(x, g.reduceSum(x, true, axis))));
    }
    Value target = operands.get("target").as(logarithms.dtype());
    Value loss = g.neg(g.reduceSum(g.mul(target, logarithms), false, axis));
    return output(g.cast(loss, x.dtype()));
  }

  /** TensorFlow takes logarithms of narrow types in float32. */
  private static DType precise(DType dtype) {
    return dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
  }

  private static Nested<KerasTensor> sparseCategorical(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Prediction prediction = prediction(call, "Softmax");
    Value x = prediction.value();
    if (operands.axis("axis", -1, x.rank()) != x.rank() - 1) {
      throw AlphornException.invalidArgument(
          "sparse_categorical_crossentropy takes axis=-1 only, as Keras");
    }
    Value classes = g.cast(operands.tensor("target"), DType.INT64);
    Value target = classes.rank() == x.rank() ? classes : g.unsqueeze(classes, -1);
    Value logits = prediction.logits() ? x : g.log(clip(g, x));
    Value logarithms = g.logSoftmax(g.cast(logits, precise(x.dtype())), -1);
    Value loss = g.neg(g.squeeze(g.gatherElements(logarithms, target, -1), -1));
    return output(g.cast(loss, x.dtype()));
  }

  private static Nested<KerasTensor> psnr(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x2 = operands.tensor("x2");
    Value x1 = operands.get("x1").as(x2.dtype());
    Value error = g.reduceMean(g.square(g.sub(x1, x2)), false);
    Value greatest = operands.get("max_val").as(x2.dtype());
    return output(
        g.sub(g.mul(decimalLogarithm(g, greatest), 20), g.mul(decimalLogarithm(g, error), 10)));
  }

  private static Value decimalLogarithm(GraphBuilder g, Value x) {
    return g.div(g.log(x), Math.log(10));
  }
}
