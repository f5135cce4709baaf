package io.alphorn.compiler.layers;

import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;

/**
 * {@code keras.layers.regularization}: what only training does. At inference they give back what
 * comes. https://keras.io/api/layers/regularization_layers/
 */
public final class RegularizationLayers {
  private RegularizationLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        identity("Dropout").arguments("rate", "noise_shape"),
        identity("SpatialDropout1D").arguments("rate"),
        identity("SpatialDropout2D").arguments("rate", "data_format"),
        identity("SpatialDropout3D").arguments("rate", "data_format"),
        identity("GaussianDropout").arguments("rate"),
        identity("AlphaDropout").arguments("rate", "noise_shape"),
        identity("GaussianNoise").arguments("stddev"),
        identity("ActivityRegularization").arguments("l1", "l2"));
  }

  private static Lowering identity(String name) {
    return Lowering.layer(name, call -> call.arguments().get("inputs"))
        .parameters("inputs", "training");
  }
}
