package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.keras.SerializedObject;
import java.util.Map;
import java.util.Set;

/**
 * Holds a config against the arguments that its lowering reads. An argument of a newer Keras that
 * says something would otherwise be left out in silence, and the numbers would be wrong.
 */
final class ConstructorArguments {
  /** Arguments that say nothing about inference. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "name",
          "trainable",
          "dtype",
          "batch_input_shape",
          "batch_shape",
          "build_config",
          "seed",
          "activity_regularizer",
          "quantization_config",
          "lora_rank",
          "lora_alpha",
          "lora_enabled",
          "synchronized",
          "data_format",
          "autocast",
          "dynamic",
          "input_spec",
          "sparse",
          "ragged");

  private static final Set<String> WITHOUT_EFFECT_SUFFIXES =
      Set.of("_initializer", "_regularizer", "_constraint");

  private ConstructorArguments() {}

  static void check(Lowering lowering, SerializedObject object) {
    if (lowering.isOperation()) {
      return;
    }
    for (Map.Entry<String, JsonNode> argument : object.config().json().properties()) {
      PythonCode.refuseIn(argument);
      if (!isKnown(lowering, argument.getKey()) && saysSomething(argument.getValue())) {
        throw object.config().unsupported(argument.getKey());
      }
    }
  }

  private static boolean isKnown(Lowering lowering, String name) {
    return lowering.arguments().contains(name)
        || WITHOUT_EFFECT.contains(name)
        || WITHOUT_EFFECT_SUFFIXES.stream().anyMatch(name::endsWith);
  }

  private static boolean saysSomething(JsonNode value) {
    boolean nothing =
        value.isNull()
            || (value.isBoolean() && !value.booleanValue())
            || (value.isContainerNode() && value.isEmpty());
    return !nothing;
  }
}
