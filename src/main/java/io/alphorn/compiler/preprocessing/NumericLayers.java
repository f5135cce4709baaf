package io.alphorn.compiler.preprocessing;

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
import io.alphorn.keras.Config;
import io.alphorn.keras.JsonArrays;
import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Normalization and Rescaling: https://keras.io/api/layers/preprocessing_layers/numerical/ */
public final class NumericLayers {
  private static final double EPSILON = 1e-7;

  private NumericLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Rescaling", NumericLayers::rescaling).arguments("scale", "offset"),
        Lowering.layer("Normalization", NumericLayers::normalization)
            .arguments("axis", "mean", "variance", "invert"));
  }

  private static Nested<KerasTensor> rescaling(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    return output(g.add(g.mul(x, factor(call, "scale", 1)), factor(call, "offset", 0)));
  }

  private static Value factor(OperationCall call, String name, double otherwise) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    if (!config.has(name)) {
      return g.scalar(call.computeType(), otherwise);
    }
    JsonNode value = config.get(name);
    if (value.isObject()) {
      value = value.path("config").path("value"); // An array, as Keras serializes it.
    }
    return g.constant(JsonArrays.read(value, call.computeType().kerasName(), config.place()));
  }

  private static Nested<KerasTensor> normalization(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = g.cast(call.input(), call.computeType());
    int[] kept = keptAxes(config, x.rank());
    Value mean;
    Value variance;
    if (config.has("mean")) {
      mean = given(call, "mean", x, kept);
      variance = given(call, "variance", x, kept);
    } else {
      long[] shape = IntStream.of(kept).mapToLong(axis -> x.shape().size(axis)).toArray();
      Shape broadcast = broadcast(x, kept);
      mean = g.reshape(call.state("mean", shape), broadcast);
      variance = g.reshape(call.state("variance", shape), broadcast);
      if (call.variables().peek().isPresent()) {
        call.variables().nonTrainable("count");
      }
    }
    Value deviation = g.max(g.sqrt(variance), EPSILON);
    return output(
        config.bool("invert", false)
            ? g.add(mean, g.mul(x, deviation))
            : g.div(g.sub(x, mean), deviation));
  }

  private static int[] keptAxes(Config config, int rank) {
    if (!config.has("axis")) {
      return new int[0];
    }
    return config.integers("axis").stream()
        .mapToInt(axis -> Math.toIntExact(axis < 0 ? axis + rank : axis))
        .sorted()
        .toArray();
  }

  private static Shape broadcast(Value x, int[] kept) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      int axis = i;
      dims.add(IntStream.of(kept).anyMatch(k -> k == axis) ? x.dim(i) : Dim.of(1));
    }
    return new Shape(dims);
  }

  /** Statistics given as an argument: aligned with the kept axes from the right. */
  private static Value given(OperationCall call, String name, Value x, int[] kept) {
    GraphBuilder g = call.graph();
    JsonNode json = call.config().get(name);
    Value value =
        g.constant(JsonArrays.read(json, call.computeType().kerasName(), call.config().place()));
    if (value.rank() == 0) {
      return value;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      dims.add(Dim.of(1));
    }
    if (value.rank() == x.rank()) {
      return value;
    }
    if (value.rank() > kept.length) {
      throw AlphornException.invalidArgument(
          "argument '%s' of shape %s does not fit %d kept axes", name, value.shape(), kept.length);
    }
    for (int i = 1; i <= value.rank(); i++) {
      dims.set(kept[kept.length - i], value.dim(-i));
    }
    return g.reshape(value, new Shape(dims));
  }
}
