package io.alphorn.archive;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names that come from a file: which may be trusted as a path, and how messages show them. */
final class SafeNames {
  private static final Pattern DRIVE_LETTER = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);
  private static final int SHOWN = 8;

  private SafeNames() {}

  /** Whether {@code name} is a relative slash path without detours; it may end in a slash. */
  static boolean isPath(String name) {
    boolean safe =
        !name.isEmpty()
            && !name.startsWith("/")
            && name.indexOf('\\') < 0
            && name.indexOf('\0') < 0
            && !DRIVE_LETTER.matcher(name).matches();
    for (String part : name.split("/")) {
      safe &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    return safe;
  }

  /** The first few of some names, for messages. */
  static String shown(Collection<String> names) {
    String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return names.isEmpty() ? "nothing" : names.size() > SHOWN ? shown + ", …" : shown;
  }
}
