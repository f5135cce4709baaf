package io.alphorn.compiler;

import io.alphorn.error.AlphornException;
import io.alphorn.keras.SerializedObject;

/** What to say of a class or function that no lowering stands for. */
final class UnknownClass {
  private UnknownClass() {}

  static AlphornException error(SerializedObject object, String path) {
    if (!object.isBuiltIn()) {
      return AlphornException.unimplemented(
          "class '%s' (registered as '%s') is custom, and the archive holds no code for it. Save"
              + " the model with built-in layers or keras.ops in its place",
          object.className(), String.valueOf(object.registeredName()));
    }
    return AlphornException.unimplemented(
        "class '%s' of module '%s' is not supported; docs/support.md lists what is",
        object.className(), object.module());
  }

  static AlphornException function(String registeredName, String path) {
    return AlphornException.unimplemented(
        "function '%s' is custom, and the archive of '%s' holds no code for it. Use a built-in"
            + " activation or keras.ops in its place",
        registeredName, path);
  }
}
