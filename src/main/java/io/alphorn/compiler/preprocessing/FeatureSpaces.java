package io.alphorn.compiler.preprocessing;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.keras.Nested;
import java.util.Map;

/**
 * The layers that {@code keras.utils.FeatureSpace} puts between its preprocessors, in a model that
 * is built on its encoded features.
 *
 * <p>https://keras.io/api/utils/feature_space/
 */
public final class FeatureSpaces {
  private FeatureSpaces() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("TFDConcat", FeatureSpaces::concat)
            .arguments("axis")
            .parameters("xs")
            .withoutAutocast()
            .masking(Masking.STOP)
            .notes("of keras.utils.FeatureSpace"),
        Lowering.layer("TFDIdentity", call -> Nested.leaf(call.inputTensor()))
            .parameters("x")
            .withoutAutocast()
            .masking(Masking.STOP)
            .notes("of keras.utils.FeatureSpace"));
  }

  private static Nested<KerasTensor> concat(OperationCall call) {
    return call.operation(
        "Concatenate",
        Map.of(
            "xs",
            call.arguments().get("xs"),
            "axis",
            new Nested.Int<>(call.config().integer("axis"))));
  }
}
