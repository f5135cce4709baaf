package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.Activations;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code keras.layers.activations}: https://keras.io/api/layers/activation_layers/ */
public final class ActivationLayers {
  private ActivationLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("ReLU", ActivationLayers::relu)
            .arguments("max_value", "negative_slope", "threshold"),
        Lowering.layer("LeakyReLU", ActivationLayers::leakyRelu)
            .arguments("negative_slope", "alpha"),
        Lowering.layer("PReLU", ActivationLayers::parametricRelu).arguments("shared_axes"),
        Lowering.layer("ELU", ActivationLayers::elu).arguments("alpha"),
        Lowering.layer("ThresholdedReLU", ActivationLayers::thresholdedRelu).arguments("theta"),
        Lowering.layer("Softmax", ActivationLayers::softmax)
            .arguments("axis")
            .parameters("inputs", "mask"));
  }

  private static Nested<KerasTensor> relu(OperationCall call) {
    Config config = call.config();
    double slope = config.real("negative_slope", 0);
    double threshold = config.real("threshold", 0);
    return output(
        relu(
            call.graph(),
            call.input(),
            slope,
            config.has("max_value") ? config.real("max_value") : Double.POSITIVE_INFINITY,
            threshold));
  }

  /** {@code keras.activations.relu} with all its arguments. */
  static Value relu(GraphBuilder g, Value x, double slope, double highest, double threshold) {
    if (slope == 0 && threshold == 0) {
      return Double.isInfinite(highest) ? g.relu(x) : g.clip(x, 0, highest);
    }
    Value limit = g.scalar(x.dtype(), threshold);
    Value below = slope == 0 ? g.scalar(x.dtype(), 0) : g.mul(g.sub(x, threshold), slope);
    boolean strict = threshold != 0;
    Value above = strict ? g.greater(x, limit) : g.greaterOrEqual(x, limit);
    Value kept = Double.isInfinite(highest) ? x : g.min(x, highest);
    return g.where(above, kept, below);
  }

  private static Nested<KerasTensor> leakyRelu(OperationCall call) {
    Config config = call.config();
    double slope = config.real("negative_slope", config.real("alpha", 0.3));
    return output(Activations.leakyRelu(call.graph(), call.input(), slope));
  }

  private static Nested<KerasTensor> elu(OperationCall call) {
    return output(Activations.elu(call.graph(), call.input(), call.config().real("alpha", 1)));
  }

  private static Nested<KerasTensor> thresholdedRelu(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    Value theta = g.scalar(x.dtype(), call.config().real("theta", 1));
    return output(g.where(g.greater(x, theta), x, g.scalar(x.dtype(), 0)));
  }

  private static Nested<KerasTensor> parametricRelu(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    long[] shape = new long[x.rank() - 1];
    List<Long> shared =
        call.config().has("shared_axes") ? call.config().integers("shared_axes") : List.of();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = shared.contains((long) i + 1) ? 1 : x.shape().size(i + 1L);
    }
    Value alpha =
        call.variables().isSaved() ? call.weight("alpha", shape) : initialAlpha(call, shape);
    return output(g.sub(g.relu(x), g.mul(alpha, g.relu(g.neg(x)))));
  }

  private static Value initialAlpha(OperationCall call, long[] shape) {
    Config config = call.config();
    String initializer =
        config.has("alpha_initializer")
            ? config.serialized("alpha_initializer").className()
            : "Zeros";
    double value =
        switch (initializer) {
          case "Zeros" -> 0;
          case "Ones" -> 1;
          case "Constant" -> config.serialized("alpha_initializer").config().real("value", 0);
          default -> throw config.unsupported("alpha_initializer");
        };
    return call.graph().fill(Shape.of(shape), call.computeType(), value);
  }

  private static Nested<KerasTensor> softmax(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    @Nullable Value mask = call.mask();
    if (mask != null && mask.dtype() != DType.BOOL) {
      mask = g.greater(mask, g.scalar(mask.dtype(), 0.5));
    }
    Value kept = mask == null ? x : g.where(mask, x, g.scalar(x.dtype(), largeNegative(x.dtype())));
    List<Long> axes = call.config().has("axis") ? call.config().integers("axis") : List.of(-1L);
    Value result =
        axes.size() == 1
            ? g.softmax(kept, Math.toIntExact(axes.getFirst()))
            : softmax(g, kept, axes.stream().mapToInt(Math::toIntExact).toArray());
    return output(mask == null ? result : g.where(mask, result, g.scalar(x.dtype(), 0)));
  }

  private static double largeNegative(DType dtype) {
    return dtype == DType.FLOAT16 ? -3e4 : -1e9;
  }

  private static Value softmax(GraphBuilder g, Value x, int[] axes) {
    Value exponentials = g.exp(g.sub(x, g.reduceMax(x, true, axes)));
    return g.div(exponentials, g.reduceSum(exponentials, true, axes));
  }
}
