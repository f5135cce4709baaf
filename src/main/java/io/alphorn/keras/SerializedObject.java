package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
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
  /** Between a package and a class; files of Keras 2 write such a name as the class. */
  private static final char REGISTRATION = '>';

  private static final String OPERATIONS = "keras.src.ops.";

  /** Of layers, inputs and models: one of them stands in every config of such. */
  private static final List<String> LAYER_ARGUMENTS = List.of("trainable", "dtype", "layers");

  /** Whether {@code node} is one: a JSON object with a class name and a config. */
  public static boolean matches(@Nullable JsonNode node) {
    return node != null && node.isObject() && node.path("class_name").isTextual();
  }

  /** Reads {@code node}, which stands at {@code place} for messages. */
  public static SerializedObject of(JsonNode node, String place) {
    Config fields = Config.of(node, place);
    String saved = fields.string("class_name");
    String className = saved.substring(saved.lastIndexOf(REGISTRATION) + 1);
    JsonNode config = node.path("config");
    return new SerializedObject(
        fields.string("module", ""),
        className,
        config.isObject() ? Config.of(config, place) : Config.empty(place),
        className.equals(saved) ? fields.stringOrNull("registered_name") : saved,
        node.hasNonNull("build_config") ? node.get("build_config") : null);
  }

  /** The layer's own name, which Keras keeps in the config. */
  public String name() {
    return config.string("name", className);
  }

  /**
   * Whether this is an operation of {@code keras.ops} rather than a layer. Whole-model {@code .h5}
   * files name no modules, and {@code Add} is both; there, every layer says whether it is trainable
   * or of which type, and no operation does.
   */
  public boolean isOperation() {
    return module.isEmpty()
        ? LAYER_ARGUMENTS.stream().noneMatch(config.json()::has)
        : module.startsWith(OPERATIONS);
  }

  /** Whether the class is Keras's own: a custom one is registered as {@code package>Name}. */
  public boolean isBuiltIn() {
    return registeredName == null || registeredName.equals(className);
  }
}
