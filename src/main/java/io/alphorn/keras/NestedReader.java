package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads values as Keras's {@code serialize_keras_object} writes them into a call's arguments. */
final class NestedReader {
  private final String place;

  NestedReader(String place) {
    this.place = place;
  }

  Nested<TensorReference> read(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> new Nested.None<>();
      case BOOLEAN -> new Nested.Bool<>(node.booleanValue());
      case NUMBER ->
          node.isIntegralNumber()
              ? new Nested.Int<>(node.longValue())
              : new Nested.Real<>(node.doubleValue());
      case STRING -> new Nested.Text<>(node.textValue());
      case ARRAY -> items(node);
      case OBJECT -> object(node);
      case BINARY, POJO -> throw unexpected(node);
    };
  }

  private Nested<TensorReference> items(JsonNode node) {
    List<Nested<TensorReference>> items = new ArrayList<>();
    node.forEach(item -> items.add(read(item)));
    return new Nested.Items<>(items);
  }

  private Nested<TensorReference> object(JsonNode node) {
    if (!SerializedObject.matches(node)) {
      return entries(node);
    }
    JsonNode config = node.path("config");
    return switch (node.path("class_name").textValue()) {
      case "__keras_tensor__" -> reference(config.path("keras_history"));
      case "__tensor__", "__numpy__" -> array(config);
      case "__slice__" ->
          new Nested.Slice<>(
              read(config.path("start")), read(config.path("stop")), read(config.path("step")));
      case "__ellipsis__" -> new Nested.Ellipsis<>();
      case "__tuple__" -> items(config.has("value") ? config.get("value") : node.path("items"));
      case "__bytes__" -> new Nested.Text<>(config.path("value").asText());
      default -> new Nested.Serialized<>(SerializedObject.of(node, place));
    };
  }

  private Nested<TensorReference> entries(JsonNode node) {
    Map<String, Nested<TensorReference>> entries = new LinkedHashMap<>();
    node.properties().forEach(entry -> entries.put(entry.getKey(), read(entry.getValue())));
    return new Nested.Entries<>(entries);
  }

  private Nested<TensorReference> reference(JsonNode history) {
    if (history.size() != 3 || !history.get(0).isTextual()) {
      throw unexpected(history);
    }
    return Nested.leaf(
        new TensorReference(
            history.get(0).textValue(), history.get(1).intValue(), history.get(2).intValue()));
  }

  /** An array in the config: nested lists and a dtype. */
  private Nested<TensorReference> array(JsonNode config) {
    Tensor tensor = JsonArrays.read(config.path("value"), config.path("dtype").asText(), place);
    return new Nested.Array<>(tensor);
  }

  private AlphornException unexpected(JsonNode node) {
    return AlphornException.invalidArgument(
        "%s: cannot read the argument %s", place, Config.shorten(node));
  }
}
