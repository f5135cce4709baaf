package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.DTypePolicy;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.TensorReference;
import io.alphorn.keras.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Declares a model's inputs: named, typed and shaped as its Input layers say. */
final class ModelInputs {
  private static final String BATCH = "batch";
  private static final String DEFAULT_NAME = "input_layer";

  private final GraphBuilder graph;

  private ModelInputs(GraphBuilder graph) {
    this.graph = graph;
  }

  /** The inputs in the structure in which the model takes them. */
  static Nested<KerasTensor> declare(
      Topology topology, SerializedObject model, GraphBuilder graph) {
    ModelInputs inputs = new ModelInputs(graph);
    return switch (topology) {
      case Topology.Functional functional -> inputs.declare(functional);
      case Topology.Sequential sequential -> Nested.leaf(inputs.declare(sequential, model));
    };
  }

  /** In the order in which Keras flattens them, which is that of the graph's inputs. */
  private Nested<KerasTensor> declare(Topology.Functional model) {
    Map<TensorReference, KerasTensor> declared = new HashMap<>();
    for (TensorReference reference : model.inputs().leaves()) {
      declared.computeIfAbsent(reference, leaf -> declare(inputLayer(model, leaf.layer())));
    }
    return model.inputs().map(reference -> Objects.requireNonNull(declared.get(reference)));
  }

  private static SerializedObject inputLayer(Topology.Functional model, String name) {
    return model.layers().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                AlphornException.invalidArgument(
                    "model '%s' has input '%s', but no layer of that name", model.name(), name))
        .layer();
  }

  private KerasTensor declare(SerializedObject inputLayer) {
    return declare(inputLayer.name(), statedShape(inputLayer), inputLayer.config());
  }

  private static JsonNode statedShape(SerializedObject inputLayer) {
    Config config = inputLayer.config();
    return config.has("batch_shape") ? config.get("batch_shape") : config.get("batch_input_shape");
  }

  /** The shape of what an Input layer takes. */
  static Shape shape(SerializedObject inputLayer) {
    return shape(inputLayer.name(), statedShape(inputLayer));
  }

  private KerasTensor declare(Topology.Sequential sequential, SerializedObject model) {
    SerializedObject first = sequential.layers().getFirst();
    if (ModelLowering.isInputLayer(first)) {
      return declare(first);
    }
    if (first.config().has("batch_input_shape")) {
      return declare(
          first.name() + "_input", first.config().get("batch_input_shape"), first.config());
    }
    @Nullable JsonNode shape = builtShape(model);
    if (shape == null) {
      throw AlphornException.failedPrecondition(
          "model '%s' was saved before it was built, so the shape of its input is not known. Call"
              + " it once, or add an Input layer, and save it again",
          sequential.name());
    }
    return declare(DEFAULT_NAME, shape, Config.empty(sequential.name()));
  }

  private static @Nullable JsonNode builtShape(SerializedObject model) {
    if (model.config().has("build_input_shape")) {
      return model.config().get("build_input_shape");
    }
    JsonNode build = model.buildConfig();
    return build != null && build.hasNonNull("input_shape") ? build.get("input_shape") : null;
  }

  private KerasTensor declare(String name, JsonNode shape, Config config) {
    Value value = graph.input(name, DTypePolicy.of(config, name).compute(), shape(name, shape));
    return KerasTensor.of(value);
  }

  private static Shape shape(String name, JsonNode stated) {
    List<Dim> dims = new ArrayList<>();
    for (JsonNode size : stated) {
      dims.add(size.isNull() ? unknown(name, dims.size()) : Dim.of(size.longValue()));
    }
    return new Shape(dims);
  }

  /** All inputs share the batch; every other open dimension is one of its own. */
  private static Dim unknown(String input, int axis) {
    return Dim.symbolic(axis == 0 ? BATCH : input + "_" + axis);
  }
}
