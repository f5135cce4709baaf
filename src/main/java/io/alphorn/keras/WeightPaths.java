package io.alphorn.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Keras's rule for where a layer's variables stand in {@code model.weights.h5}: by the names of
 * classes, numbered anew in each container, never by the layers' own names ({@code
 * saving_lib._save_container_state}).
 */
public final class WeightPaths {
  private static final Pattern NO_WORD = Pattern.compile("\\W+");
  private static final Pattern CAPITALIZED = Pattern.compile("(.)([A-Z][a-z]+)");
  private static final Pattern CAPITAL = Pattern.compile("([a-z])([A-Z])");

  /** Classes whose name in Python is not the one that Keras exports and writes to configs. */
  private static final Map<String, String> PYTHON_NAMES =
      Map.of("GroupQueryAttention", "GroupedQueryAttention");

  private WeightPaths() {}

  /** The names of a container's elements, given their classes in order. */
  public static List<String> inContainer(List<String> classNames) {
    Map<String, Integer> used = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (String className : classNames) {
      String name = snakeCase(PYTHON_NAMES.getOrDefault(className, className));
      int before = used.merge(name, 1, Integer::sum) - 1;
      names.add(before == 0 ? name : name + "_" + before);
    }
    return names;
  }

  /** {@code keras.src.utils.naming.to_snake_case}: {@code Conv2D} gives {@code conv2d}. */
  static String snakeCase(String className) {
    String name = NO_WORD.matcher(className).replaceAll("");
    name = CAPITALIZED.matcher(name).replaceAll("$1_$2");
    return CAPITAL.matcher(name).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
  }
}
