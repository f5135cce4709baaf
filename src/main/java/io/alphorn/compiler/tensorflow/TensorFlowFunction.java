package io.alphorn.compiler.tensorflow;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function of TensorFlow: its parameters in order, and what a call of it becomes.
 *
 * @param parameters by TensorFlow's names
 */
record TensorFlowFunction(List<String> parameters, Body body) {
  /** Lowers a call. */
  @FunctionalInterface
  interface Body {
    Nested<KerasTensor> lower(TensorFlowCall call);
  }

  static TensorFlowFunction of(Body body, String... parameters) {
    return new TensorFlowFunction(List.of(parameters), body);
  }

  /**
   * A function that an operation of Keras does as it is.
   *
   * @param parameters by TensorFlow's name; where Keras's differs, as {@code perm=axes}
   */
  static TensorFlowFunction operation(String className, String... parameters) {
    List<String> names = new ArrayList<>();
    Map<String, String> inKeras = new LinkedHashMap<>();
    for (String parameter : parameters) {
      String[] both = parameter.split("=", 2);
      names.add(both[0]);
      inKeras.put(both[0], both[both.length - 1]);
    }
    return new TensorFlowFunction(
        List.copyOf(names), call -> call.operation(className, call.renamed(inKeras)));
  }
}
