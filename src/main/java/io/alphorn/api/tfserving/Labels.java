package io.alphorn.api.tfserving;

import java.util.List;
import java.util.StringJoiner;

/** Names of labels, and their text in Prometheus's format. */
final class Labels {
  private final List<String> names;

  Labels(String... names) {
    this.names = List.of(names);
  }

  /** {@code name="value",…} */
  String text(String... values) {
    StringJoiner text = new StringJoiner(",");
    for (int i = 0; i < names.size(); i++) {
      text.add(names.get(i) + "=\"" + escaped(values[i]) + '"');
    }
    return text.toString();
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
