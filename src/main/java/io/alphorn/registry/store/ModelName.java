package io.alphorn.registry.store;

import io.alphorn.error.AlphornException;
import java.util.regex.Pattern;

/** What models may be called: their names are names of folders, and parts of URLs. */
public final class ModelName {
  private static final Pattern LEGAL = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}_. -]{0,127}");

  private ModelName() {}

  public static boolean isLegal(String name) {
    return LEGAL.matcher(name).matches() && !name.endsWith(" ") && !name.endsWith(".");
  }

  /**
   * Gives a legal name back.
   *
   * @throws AlphornException INVALID_ARGUMENT when no model may be called so
   */
  public static String require(String name) {
    if (!isLegal(name)) {
      throw AlphornException.invalidArgument(
          "model name '%s': expected 1 to 128 letters, digits, '_', '-', '.' or ' ', beginning with"
              + " a letter, a digit or '_'",
          name);
    }
    return name;
  }
}
