package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import java.util.Collection;
import java.util.Map;

/**
 * Functions of Python in a config: lambdas, which Keras saves as bytecode. They are recognized to
 * be refused; nothing ever decodes them.
 */
final class PythonCode {
  private static final String LAMBDA = "__lambda__";

  private PythonCode() {}

  /** Whether {@code value} is a lambda, in one of the forms in which Keras 2 and 3 write it. */
  private static boolean isLambda(JsonNode value) {
    return value.path("class_name").asText().equals(LAMBDA)
        || isDumpedFunction(value)
        || (value.size() == 1 && isDumpedFunction(value.path("value")));
  }

  /** {@code python_utils.func_dump}: the code in base64, the defaults and the closure. */
  private static boolean isDumpedFunction(JsonNode value) {
    return value.isArray()
        && value.size() == 3
        && value.get(0).isTextual()
        && isListOrNull(value.get(1))
        && isListOrNull(value.get(2));
  }

  private static boolean isListOrNull(JsonNode value) {
    return value.isNull() || value.isArray();
  }

  /**
   * Refuses a constructor argument that is a lambda.
   *
   * @throws AlphornException UNIMPLEMENTED
   */
  static void refuseIn(Map.Entry<String, JsonNode> argument) {
    if (isLambda(argument.getValue())) {
      throw error("argument '%s' is".formatted(argument.getKey()));
    }
  }

  /**
   * Refuses a lambda among the arguments of a call.
   *
   * @throws AlphornException UNIMPLEMENTED
   */
  static void refuseIn(Collection<Nested<KerasTensor>> arguments) {
    arguments.forEach(PythonCode::refuseIn);
  }

  private static void refuseIn(Nested<KerasTensor> argument) {
    switch (argument) {
      case Nested.Items<KerasTensor> list -> refuseIn(list.items());
      case Nested.Entries<KerasTensor> dict -> refuseIn(dict.entries().values());
      case Nested.Serialized<KerasTensor>(SerializedObject object) -> {
        if (object.className().equals(LAMBDA)) {
          throw error("it is called with");
        }
      }
      default -> {}
    }
  }

  private static AlphornException error(String where) {
    return AlphornException.unimplemented(
        "%s a Python lambda, saved as bytecode, which is never executed. Use a built-in activation"
            + " or layer, or calls of keras.ops in a functional model, in its place, and save the"
            + " model again",
        where);
  }
}
