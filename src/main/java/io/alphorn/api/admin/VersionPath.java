package io.alphorn.api.admin;

import io.alphorn.error.AlphornException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model, or one of its versions, in the path of a request: {@code NAME[/versions/N]}. */
record VersionPath(String model, Optional<Long> version) {
  /** How a path of a resource begins. */
  static final String TEMPLATE = "/v1/models/{model: [^/:]+(?:/versions/[^/]+)?}";

  private static final Pattern PATTERN = Pattern.compile("(.+)/versions/(\\d{1,18})");
  private static final String VERSIONS = "/versions/";

  static VersionPath parse(String path) {
    Matcher matcher = PATTERN.matcher(path);
    if (matcher.matches()) {
      return new VersionPath(matcher.group(1), Optional.of(Long.parseLong(matcher.group(2))));
    }
    if (path.contains(VERSIONS)) {
      throw AlphornException.invalidArgument(
          "Failed to convert version: %s to numeric.",
          path.substring(path.indexOf(VERSIONS) + VERSIONS.length()));
    }
    return new VersionPath(path, Optional.empty());
  }
}
