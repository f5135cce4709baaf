package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;

/** {@code keras.layers.core}: Dense, Activation, Identity, Masking and the like. */
public final class CoreLayers {
  private CoreLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Dense", CoreLayers::dense).arguments("units", "activation", "use_bias"),
        Lowering.layer("Activation", CoreLayers::activation).arguments("activation"),
        Lowering.layer("Identity", CoreLayers::identity),
        Lowering.layer("Masking", CoreLayers::masking)
            .arguments("mask_value")
            .masking(Masking.OWN));
  }

  /** https://keras.io/api/layers/core_layers/dense/ */
  private static Nested<KerasTensor> dense(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    if (call.policy().isQuantized()) {
      return output(call.activate("activation", QuantizedDense.product(call, x)));
    }
    long units = call.config().integer("units");
    Value product = g.matMul(x, call.weight("kernel", x.shape().size(-1), units));
    if (call.config().bool("use_bias", true)) {
      product = g.add(product, call.weight("bias", units));
    }
    return output(call.activate("activation", product));
  }

  /** https://keras.io/api/layers/core_layers/activation/ */
  private static Nested<KerasTensor> activation(OperationCall call) {
    return output(call.activate("activation", call.input()));
  }

  private static Nested<KerasTensor> identity(OperationCall call) {
    return call.arguments().get("inputs");
  }

  /** https://keras.io/api/layers/core_layers/masking/ */
  private static Nested<KerasTensor> masking(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    Value masked = g.scalar(x.dtype(), call.config().real("mask_value", 0));
    Value counts = g.cast(g.notEqual(x, masked), DType.INT32);
    Value any = g.cast(g.reduceMax(counts, true, -1), DType.BOOL);
    Value kept = g.mul(x, g.cast(any, x.dtype()));
    return Nested.leaf(new KerasTensor(kept, g.squeeze(any, -1)));
  }
}
