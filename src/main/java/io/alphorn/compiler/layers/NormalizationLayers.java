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
import io.alphorn.compiler.ops.Promotion;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code keras.layers.normalization}: https://keras.io/api/layers/normalization_layers/. As in
 * Keras, half types are normalized in float32.
 */
public final class NormalizationLayers {
  private NormalizationLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("BatchNormalization", BatchNormalizationLayer::lower)
            .arguments(
                "axis",
                "momentum",
                "epsilon",
                "center",
                "scale",
                "renorm",
                "renorm_clipping",
                "renorm_momentum")
            .parameters("inputs", "training", "mask"),
        Lowering.layer("LayerNormalization", NormalizationLayers::layer)
            .arguments("axis", "epsilon", "center", "scale", "rms_scaling")
            .withoutAutocast(),
        Lowering.layer("GroupNormalization", NormalizationLayers::group)
            .arguments("groups", "axis", "epsilon", "center", "scale")
            .withoutAutocast(),
        Lowering.layer("UnitNormalization", NormalizationLayers::unit).arguments("axis"),
        Lowering.layer("RMSNormalization", NormalizationLayers::rootMeanSquare)
            .arguments("axis", "epsilon")
            .masking(Masking.STOP),
        Lowering.layer("SpectralNormalization", SpectralNormalizationLayer::lower)
            .arguments("layer", "power_iterations")
            .parameters("inputs", "training")
            .masking(Masking.STOP));
  }

  /** The type in which Keras normalizes: half types would overflow. */
  static DType wide(DType dtype) {
    return dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  static Value wideWeight(OperationCall call, String name, DType dtype, long... shape) {
    return call.graph().cast(call.variables().trainable(name, shape), dtype);
  }

  private static Nested<KerasTensor> layer(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = g.cast(call.input(), Promotion.resultType(call.input().dtype(), DType.FLOAT32));
    int[] axes =
        (config.has("axis") ? config.integers("axis") : List.of(-1L))
            .stream().mapToInt(axis -> x.shape().axis(axis)).sorted().toArray();
    long[] shape = Arrays.stream(axes).mapToLong(axis -> x.shape().size(axis)).toArray();
    boolean rms = config.bool("rms_scaling", false);
    boolean scales = config.bool("scale", true) || rms;
    boolean centers = config.bool("center", true) && !rms;
    Value gamma = scales ? wideWeight(call, "gamma", x.dtype(), shape) : Value.NONE;
    Value beta = centers ? wideWeight(call, "beta", x.dtype(), shape) : Value.NONE;
    double epsilon = config.real("epsilon", 1e-3);
    Value normalized =
        isTrailing(axes, x.rank()) && !rms
            ? trailing(g, x, gamma, beta, axes[0], shape, epsilon)
            : anyAxes(g, x, gamma, beta, axes, epsilon, rms);
    return output(g.cast(normalized, call.computeType()));
  }

  private static boolean isTrailing(int[] axes, int rank) {
    return IntStream.range(0, axes.length).allMatch(i -> axes[i] == rank - axes.length + i);
  }

  private static Value trailing(
      GraphBuilder g, Value x, Value gamma, Value beta, int axis, long[] shape, double epsilon) {
    Value scale = gamma.isPresent() ? gamma : g.fill(Shape.of(shape), x.dtype(), 1);
    return g.layerNormalization(x, scale, beta, axis, epsilon);
  }

  private static Value anyAxes(
      GraphBuilder g, Value x, Value gamma, Value beta, int[] axes, double epsilon, boolean rms) {
    Value mean = g.reduceMean(x, true, axes);
    Value centered = g.sub(x, mean);
    Value variance = g.reduceMean(g.square(centered), true, axes);
    Value inverse = g.reciprocal(g.sqrt(g.add(variance, epsilon)));
    Value normalized = g.mul(rms ? x : centered, inverse);
    Shape broadcast = broadcastShape(x, axes);
    if (gamma.isPresent()) {
      normalized = g.mul(normalized, g.reshape(gamma, broadcast));
    }
    return beta.isPresent() ? g.add(normalized, g.reshape(beta, broadcast)) : normalized;
  }

  /** The sizes of {@code axes}, 1 elsewhere. */
  static Shape broadcastShape(Value x, int... axes) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      int axis = i;
      boolean kept = Arrays.stream(axes).anyMatch(a -> a == axis);
      dims.add(kept ? x.dim(i) : Dim.of(1));
    }
    return new Shape(dims);
  }

  private static Nested<KerasTensor> group(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value input = call.input();
    Value x = g.cast(input, Promotion.resultType(input.dtype(), DType.FLOAT32));
    int axis = x.shape().axis(config.integers("axis", 1, -1).getFirst());
    long channels = x.shape().size(axis);
    long groups = config.integer("groups", 32);
    long count = groups == -1 ? channels : groups;
    Value gamma =
        config.bool("scale", true) ? wideWeight(call, "gamma", x.dtype(), channels) : Value.NONE;
    Value beta =
        config.bool("center", true) ? wideWeight(call, "beta", x.dtype(), channels) : Value.NONE;
    Shape grouped = x.shape().with(axis, channels / count).insert(axis, Dim.of(count));
    Value parts = g.reshape(x, grouped);
    int[] axes = IntStream.range(1, parts.rank()).filter(i -> i != axis).toArray();
    Value mean = g.reduceMean(parts, true, axes);
    Value centered = g.sub(parts, mean);
    Value variance = g.reduceMean(g.square(centered), true, axes);
    double epsilon = config.real("epsilon", 1e-3);
    Value normalized = g.div(centered, g.sqrt(g.add(variance, epsilon)));
    Value whole = g.reshape(normalized, x.shape());
    Shape broadcast = broadcastShape(x, axis);
    if (gamma.isPresent()) {
      whole = g.mul(whole, g.reshape(gamma, broadcast));
    }
    if (beta.isPresent()) {
      whole = g.add(whole, g.reshape(beta, broadcast));
    }
    return output(g.cast(g.cast(whole, input.dtype()), call.computeType()));
  }

  private static Nested<KerasTensor> unit(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    int[] axes =
        (call.config().has("axis") ? call.config().integers("axis") : List.of(-1L))
            .stream().mapToInt(Long::intValue).toArray();
    Value squares = g.reduceSum(g.square(x), true, axes);
    Value inverse = g.reciprocal(g.sqrt(g.max(squares, 1e-24)));
    return output(g.mul(x, inverse));
  }

  private static Nested<KerasTensor> rootMeanSquare(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = g.cast(call.input(), wide(call.computeType()));
    int[] axes =
        (config.has("axis") ? config.integers("axis") : List.of(-1L))
            .stream().mapToInt(axis -> x.shape().axis(axis)).sorted().toArray();
    long[] shape = Arrays.stream(axes).mapToLong(axis -> x.shape().size(axis)).toArray();
    Value scale = wideWeight(call, "scale", x.dtype(), shape);
    Value square = g.reduceMean(g.square(x), true, axes);
    Value inverse = g.reciprocal(g.sqrt(g.add(square, config.real("epsilon", 1e-6))));
    Value scaled = g.mul(g.mul(x, inverse), g.reshape(scale, broadcastShape(x, axes)));
    return output(g.cast(scaled, call.computeType()));
  }
}
