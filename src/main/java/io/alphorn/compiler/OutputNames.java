package io.alphorn.compiler;

import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What clients call a model's outputs, as TensorFlow names the results of a signature: a dict's
 * keys, else {@code output_0}, {@code output_1}, …
 */
final class OutputNames {
  private OutputNames() {}

  static List<String> of(Nested<KerasTensor> outputs) {
    if (outputs instanceof Nested.Entries<KerasTensor> dict
        && dict.entries().values().stream().allMatch(Nested.Leaf.class::isInstance)) {
      return List.copyOf(new TreeMap<>(dict.entries()).keySet());
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs.leaves().size(); i++) {
      names.add("output_" + i);
    }
    return names;
  }
}
