package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * An object as Keras's {@code serialize_keras_object} writes it.
 *
 * @param module where the class comes from, as {@code keras.layers}; "" in files of Keras 2
 * @param registeredName {@code package>Name} of a custom object, else null
 * @param buildConfig what the layer was built with; null when it holds none
 */
public record SerializedObject(
    String module,
    String className,
    Config config,
    @Nullable String registeredName,
    @Nullable JsonNode buildConfig) {
  /** Whether {@code node} is one: a JSON object with a class name and a config. */
  public static boolean matches(@Nullable JsonNode node) {
    return node != null && node.isObject() && node.path("class_name").isTextual();
  }

  /** Reads {@code node}, which stands at {@code place} for messages. */
  public static SerializedObject of(JsonNode node, String place) {
    Config fields = Config.of(node, place);
    String className = fields.string("class_name");
    JsonNode config = node.path("config");
    return new SerializedObject(
        fields.string("module", ""),
        className,
        config.isObject() ? Config.of(config, place) : Config.empty(place),
        fields.stringOrNull("registered_name"),
        node.hasNonNull("build_config") ? node.get("build_config") : null);
  }

  /** The layer's own name, which Keras keeps in the config. */
  public String name() {
    return config.string("name", className);
  }

  /** Whether the class is Keras's own: a custom one is registered as {@code package>Name}. */
  public boolean isBuiltIn() {
    return registeredName == null || registeredName.equals(className);
  }
}
