package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import java.util.Collections;

/**
 * The layers that {@code keras.applications.convnext} defines for itself.
 * https://keras.io/api/applications/convnext/
 */
public final class ConvNextLayers {
  private static final String NOTES = "of `keras.applications.convnext`";

  private ConvNextLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("LayerScale", ConvNextLayers::layerScale)
            .arguments("init_values", "projection_dim")
            .parameters("x")
            .masking(Masking.STOP)
            .notes(NOTES),
        Lowering.layer("StochasticDepth", ConvNextLayers::stochasticDepth)
            .arguments("drop_path_rate")
            .parameters("x", "training")
            .masking(Masking.STOP)
            .notes(NOTES));
  }

  private static Nested<KerasTensor> layerScale(OperationCall call) {
    long channels = call.config().integer("projection_dim");
    return output(call.graph().mul(call.input(), call.weight("variable", channels)));
  }

  /** In training, drops a residual path for whole examples. */
  private static Nested<KerasTensor> stochasticDepth(OperationCall call) {
    Value x = call.input();
    if (!call.training()) {
      return output(x);
    }
    GraphBuilder g = call.graph();
    Shape examples = new Shape(Collections.nCopies(x.rank(), Dim.of(1))).with(0, x.dim(0));
    return output(Dropout.of(call, "drop_path_rate").apply(g, x, examples));
  }
}
