package io.alphorn.compiler;

import io.alphorn.error.AlphornException;
import io.alphorn.keras.SerializedObject;
import java.util.Map;

/** What to say of a class or function that no lowering stands for. */
final class UnknownClass {
  /** Operations that take functions of Python, with what to use in their place. */
  private static final Map<String, String> OF_FUNCTIONS =
      Map.of(
          "Map", "a call of the operation on the whole tensor",
          "VectorizedMap", "a call of the operation on the whole tensor",
          "Scan", "keras.layers.RNN, ops.cumsum or ops.cumprod",
          "AssociativeScan", "ops.cumsum or ops.cumprod",
          "Switch", "ops.where or ops.select",
          "Cond", "ops.where",
          "WhileLoop", "keras.layers.RNN",
          "ForiLoop", "keras.layers.RNN",
          "JVP", "the derivative, written out in keras.ops");

  private UnknownClass() {}

  static AlphornException error(SerializedObject object) {
    if (!object.isBuiltIn() || !LoweringRegistry.isKeras(object.module())) {
      return custom(object);
    }
    if (object.className().equals("FeatureSpace")) {
      return AlphornException.unimplemented(
          "a FeatureSpace holds preprocessors and is no model. Save"
              + " keras.Model(space.get_inputs(), space.get_encoded_features()) in its place");
    }
    String instead = OF_FUNCTIONS.get(object.className());
    if (instead != null && object.isOperation()) {
      return AlphornException.unimplemented(
          "%s takes a function of Python, which is never executed. Use %s in its place, and save"
              + " the model again",
          object.className(), instead);
    }
    return AlphornException.unimplemented(
        "class '%s' of module '%s' is not supported. Use one of those that docs/support.md lists in"
            + " its place, and save the model again",
        object.className(), object.module());
  }

  private static AlphornException custom(SerializedObject object) {
    String registered = object.registeredName();
    return AlphornException.unimplemented(
        "class '%s' of module '%s'%s is not one of Keras's, and no code is ever loaded by a name"
            + " that a file gives. Use built-in layers or calls of keras.ops in a functional model"
            + " in its place, and save the model again",
        object.className(),
        object.module(),
        registered == null ? "" : ", registered as '%s',".formatted(registered));
  }

  static AlphornException function(String registeredName, String path) {
    return AlphornException.unimplemented(
        "function '%s' is custom, and the archive of '%s' holds no code for it. Use a built-in"
            + " activation or keras.ops in its place",
        registeredName, path);
  }
}
