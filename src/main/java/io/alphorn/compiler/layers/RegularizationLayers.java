package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code keras.layers.regularization}: noise in training. At inference, and at a rate of 0, they
 * give back what comes. https://keras.io/api/layers/regularization_layers/
 */
public final class RegularizationLayers {
  /** The parameters of SELU, by which AlphaDropout keeps mean and variance. */
  private static final double ALPHA = 1.6732632423543772848170429916717;

  private static final double SCALE = 1.0507009873554804934193349852946;

  /** How a layer disturbs its input in training. */
  @FunctionalInterface
  private interface Noise {
    Value apply(OperationCall call, Value x);
  }

  private RegularizationLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        layer("Dropout", "rate", RegularizationLayers::dropout).arguments("rate", "noise_shape"),
        layer("SpatialDropout1D", "rate", RegularizationLayers::spatialDropout).arguments("rate"),
        layer("SpatialDropout2D", "rate", RegularizationLayers::spatialDropout)
            .arguments("rate", "data_format"),
        layer("SpatialDropout3D", "rate", RegularizationLayers::spatialDropout)
            .arguments("rate", "data_format"),
        layer("GaussianDropout", "rate", RegularizationLayers::gaussianDropout).arguments("rate"),
        layer("AlphaDropout", "rate", RegularizationLayers::alphaDropout)
            .arguments("rate", "noise_shape"),
        layer("GaussianNoise", "stddev", RegularizationLayers::gaussianNoise).arguments("stddev"),
        Lowering.layer("ActivityRegularization", call -> call.arguments().get("inputs"))
            .arguments("l1", "l2"));
  }

  private static Lowering layer(String className, String strength, Noise noise) {
    return Lowering.layer(
            className,
            call -> {
              Nested<KerasTensor> inputs = call.arguments().get("inputs");
              boolean disturbs = call.config().real(strength, 0) > 0 && call.training();
              return disturbs ? output(noise.apply(call, call.input())) : inputs;
            })
        .parameters("inputs", "training");
  }

  private static Value dropout(OperationCall call, Value x) {
    return Dropout.of(call, "rate").apply(call.graph(), x, noiseShape(call, x));
  }

  /** The shape of what is drawn; a size that the config leaves open is the input's. */
  private static Shape noiseShape(OperationCall call, Value x) {
    if (!call.config().has("noise_shape")) {
      return x.shape();
    }
    List<Dim> dims = new ArrayList<>();
    for (JsonNode size : call.config().get("noise_shape")) {
      dims.add(size.isNull() ? x.dim(dims.size()) : Dim.of(size.longValue()));
    }
    return new Shape(dims);
  }

  /** Drops whole channels: what is drawn has no extent in space. */
  private static Value spatialDropout(OperationCall call, Value x) {
    int channels = ChannelLayout.of(call) == ChannelLayout.FIRST ? 1 : x.rank() - 1;
    Shape noise = x.shape();
    for (int axis : IntStream.range(1, x.rank()).filter(axis -> axis != channels).toArray()) {
      noise = noise.with(axis, 1);
    }
    return Dropout.of(call, "rate").apply(call.graph(), x, noise);
  }

  private static Value gaussianDropout(OperationCall call, Value x) {
    double rate = rateBelowOne(call);
    return call.graph().mul(x, normal(call, x, 1, Math.sqrt(rate / (1 - rate))));
  }

  private static Value gaussianNoise(OperationCall call, Value x) {
    return call.graph().add(x, normal(call, x, 0, call.config().real("stddev")));
  }

  private static Value normal(OperationCall call, Value x, double mean, double deviation) {
    GraphBuilder g = call.graph();
    DType drawn = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Value like = g.fill(x.shape(), DType.FLOAT32, 0);
    return g.cast(g.normalLike(like, drawn, mean, deviation, call.seed(0)), x.dtype());
  }

  /** Dropped elements become SELU's least value; then mean and variance are made the input's. */
  private static Value alphaDropout(OperationCall call, Value x) {
    GraphBuilder g = call.graph();
    double rate = rateBelowOne(call);
    double least = -ALPHA * SCALE;
    double slope = 1 / Math.sqrt((1 - rate) * (1 + rate * least * least));
    Value kept = new Dropout(rate, call.seed(0)).kept(g, noiseShape(call, x));
    Value dropped = g.where(kept, x, g.scalar(x.dtype(), least));
    return g.add(g.mul(dropped, slope), -slope * least * rate);
  }

  private static double rateBelowOne(OperationCall call) {
    double rate = call.config().real("rate");
    if (rate >= 1) {
      throw AlphornException.invalidArgument(
          "rate = %s leaves nothing to train with: Keras divides by 1 - rate", rate);
    }
    return rate;
  }
}
