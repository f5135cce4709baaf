package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the topology out of a model's config, in the form of Keras 3 and of Keras 2 ({@code
 * inbound_nodes} as lists).
 */
public final class TopologyReader {
  private static final Set<String> MODEL_CLASSES = Set.of("Functional", "Sequential", "Model");

  private static final String CONSTANT = "_CONSTANT_VALUE";

  /** TFOpLambda and SlicingOpLambda, which Keras 2 calls on lists as they were given. */
  private static final String OF_TENSORFLOW = "OpLambda";

  private final SerializedObject model;

  /** Functional models start with a call of their own, which some references count. */
  private final Map<String, String> classes = new HashMap<>();

  private TopologyReader(SerializedObject model) {
    this.model = model;
  }

  /** Whether {@code object} is a model whose config lists its layers. */
  public static boolean isModel(SerializedObject object) {
    return MODEL_CLASSES.contains(object.className())
        && object.isBuiltIn()
        && object.config().json().has("layers");
  }

  public static Topology read(SerializedObject model) {
    TopologyReader reader = new TopologyReader(model);
    return model.className().equals("Sequential") ? reader.sequential() : reader.functional();
  }

  private Topology.Sequential sequential() {
    return new Topology.Sequential(model.name(), model.config().serializedList("layers"));
  }

  private Topology.Functional functional() {
    JsonNode layers = model.config().get("layers");
    List<SerializedObject> objects = model.config().serializedList("layers");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      String name = layers.get(i).path("name").asText(objects.get(i).name());
      names.add(name);
      if (classes.put(name, objects.get(i).className()) != null) {
        throw invalid("two layers are named '%s'".formatted(name));
      }
    }
    List<LayerNode> nodes = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      JsonNode inbound = layers.get(i).path("inbound_nodes");
      boolean keepsLists = objects.get(i).className().endsWith(OF_TENSORFLOW);
      nodes.add(new LayerNode(names.get(i), objects.get(i), calls(inbound, keepsLists)));
    }
    return new Topology.Functional(
        model.name(),
        List.copyOf(nodes),
        references(model.config().get("input_layers")),
        references(model.config().get("output_layers")));
  }

  private List<Call> calls(JsonNode inbound, boolean keepsLists) {
    List<Call> calls = new ArrayList<>();
    for (JsonNode node : inbound) {
      calls.add(node.isArray() ? legacyCall(node, keepsLists) : call(node));
    }
    return calls;
  }

  private Call call(JsonNode node) {
    NestedReader reader = new NestedReader(model.config().place());
    List<Nested<TensorReference>> arguments = new ArrayList<>();
    node.path("args").forEach(argument -> arguments.add(reader.read(argument)));
    Map<String, Nested<TensorReference>> keywords = new LinkedHashMap<>();
    node.path("kwargs")
        .properties()
        .forEach(entry -> keywords.put(entry.getKey(), reader.read(entry.getValue())));
    return new Call(arguments, keywords);
  }

  /**
   * Keras 2: {@code [[layer, call, output, {keyword: value}], …]}, a tensor or several.
   *
   * @param keepsLists whether a list of one is a list; a layer is called on its tensor
   */
  private Call legacyCall(JsonNode node, boolean keepsLists) {
    boolean one = isLegacyReference(node) || isLegacyConstant(node);
    JsonNode tensors = one ? JsonNodeFactory.instance.arrayNode().add(node) : node;
    List<Nested<TensorReference>> inputs = new ArrayList<>();
    Map<String, Nested<TensorReference>> keywords = new LinkedHashMap<>();
    for (JsonNode tensor : tensors) {
      inputs.add(legacyValue(tensor));
      tensor
          .path(3)
          .properties()
          .forEach(entry -> keywords.put(entry.getKey(), legacyValue(entry.getValue())));
    }
    Nested<TensorReference> input =
        one || (inputs.size() == 1 && !keepsLists) ? inputs.getFirst() : new Nested.Items<>(inputs);
    return new Call(List.of(input), keywords);
  }

  private Nested<TensorReference> legacyValue(JsonNode value) {
    if (isLegacyReference(value)) {
      return Nested.leaf(counted(value));
    }
    if (isLegacyConstant(value)) {
      return legacyValue(value.get(2));
    }
    if (value.isArray()) {
      List<Nested<TensorReference>> items = new ArrayList<>();
      value.forEach(item -> items.add(legacyValue(item)));
      return new Nested.Items<>(items);
    }
    return new NestedReader(model.config().place()).read(value);
  }

  private boolean isLegacyReference(JsonNode value) {
    return value.isArray()
        && value.size() >= 3
        && value.get(0).isTextual()
        && value.get(1).isInt()
        && value.get(2).isInt()
        && classes.containsKey(value.get(0).textValue());
  }

  /** A value in the place of a tensor: {@code ["_CONSTANT_VALUE", -1, value, {}]}. */
  private static boolean isLegacyConstant(JsonNode value) {
    return value.isArray() && value.size() >= 3 && value.get(0).asText().equals(CONSTANT);
  }

  /** {@code input_layers} and {@code output_layers}: {@code [layer, call, output]} leaves. */
  private Nested<TensorReference> references(JsonNode node) {
    if (isLegacyReference(node)) {
      return Nested.leaf(counted(node));
    }
    if (node.isArray()) {
      List<Nested<TensorReference>> items = new ArrayList<>();
      node.forEach(item -> items.add(references(item)));
      return new Nested.Items<>(items);
    }
    if (node.isObject()) {
      Map<String, Nested<TensorReference>> entries = new LinkedHashMap<>();
      node.properties().forEach(e -> entries.put(e.getKey(), references(e.getValue())));
      return new Nested.Entries<>(entries);
    }
    throw invalid("expected a reference [layer, call, output], found " + node);
  }

  /** In these lists the calls of a nested functional model count from 1. */
  private TensorReference counted(JsonNode reference) {
    String layer = reference.get(0).textValue();
    int call = reference.get(1).intValue();
    boolean shifted = call > 0 && MODEL_CLASSES.contains(classes.get(layer)) && startsAtOne(layer);
    return new TensorReference(layer, shifted ? call - 1 : call, reference.get(2).intValue());
  }

  /** Keras 3's Sequential is no Functional and counts from 0; Keras 2's is one. */
  private boolean startsAtOne(String layer) {
    return !"Sequential".equals(classes.get(layer)) || isKeras2();
  }

  private boolean isKeras2() {
    return !model.module().equals("keras.src.models.functional") && !model.module().equals("keras");
  }

  private AlphornException invalid(String what) {
    return AlphornException.invalidArgument("%s: %s", model.config().place(), what);
  }
}
