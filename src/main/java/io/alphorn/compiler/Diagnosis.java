package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.LayerNode;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that stands in the way of compiling a model, found from its config alone: a user who must
 * change something wants to hear of everything at once.
 */
public final class Diagnosis {
  /**
   * A layer that cannot be compiled.
   *
   * @param path of the layer in the model, by names
   * @param registeredName of a custom class, else null
   */
  public record Finding(
      String path, String className, @Nullable String registeredName, String reason) {}

  private static final int MAX_DEPTH = 64;

  private final LoweringRegistry registry;
  private final List<Finding> findings = new ArrayList<>();

  private Diagnosis(LoweringRegistry registry) {
    this.registry = registry;
  }

  static List<Finding> of(SerializedObject model, LoweringRegistry registry) {
    Diagnosis diagnosis = new Diagnosis(registry);
    diagnosis.visit(model, "", 0);
    return List.copyOf(diagnosis.findings);
  }

  private void visit(SerializedObject object, String path, int depth) {
    if (depth > MAX_DEPTH || ModelLowering.isInputLayer(object)) {
      return;
    }
    if (TopologyReader.isModel(object)) {
      visitModel(object, path, depth);
      return;
    }
    try {
      Lowering lowering = registry.find(object).orElseThrow(() -> UnknownClass.error(object));
      ConstructorArguments.check(lowering, object);
      visitSublayers(object.config().json(), path, depth);
    } catch (AlphornException e) {
      String name = path.isEmpty() ? object.name() : path;
      findings.add(new Finding(name, object.className(), object.registeredName(), e.getMessage()));
    }
  }

  private void visitModel(SerializedObject model, String path, int depth) {
    switch (TopologyReader.read(model)) {
      case Topology.Sequential sequential ->
          sequential.layers().forEach(layer -> visit(layer, join(path, layer.name()), depth + 1));
      case Topology.Functional functional -> {
        for (LayerNode node : functional.layers()) {
          visit(node.layer(), join(path, node.name()), depth + 1);
        }
      }
    }
  }

  /** Layers among the arguments of a wrapper or a recurrent layer. */
  private void visitSublayers(JsonNode config, String path, int depth) {
    for (JsonNode value : config) {
      if (isLayer(value)) {
        SerializedObject layer = SerializedObject.of(value, path);
        visit(layer, join(path, layer.name()), depth + 1);
      } else if (value.isContainerNode() && depth < MAX_DEPTH) {
        visitSublayers(value, path, depth + 1);
      }
    }
  }

  private static boolean isLayer(JsonNode value) {
    return SerializedObject.matches(value)
        && (value.path("module").asText().startsWith("keras.layers")
            || value.path("registered_name").asText().contains(">"));
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
