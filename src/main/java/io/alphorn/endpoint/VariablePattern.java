package io.alphorn.endpoint;

import java.util.regex.Pattern;

/**
 * A pattern of variables' paths: {@code *} stands for any characters within one name, {@code **}
 * for any number of names, {@code ?} for one character.
 */
final class VariablePattern {
  private final Pattern expression;

  VariablePattern(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (glob.startsWith("**/", i)) {
        regex.append("(?:[^/]+/)*+");
        i += 2;
      } else if (glob.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    this.expression = Pattern.compile(regex.toString());
  }

  boolean matches(String path) {
    return expression.matcher(path).matches();
  }
}
