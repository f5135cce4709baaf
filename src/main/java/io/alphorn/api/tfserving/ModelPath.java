package io.alphorn.api.tfserving;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import io.alphorn.registry.VersionChoice;
import java.net.URLDecoder;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of TensorFlow Serving's REST API ({@code http_rest_api_util.cc}), without regard to case:
 * {@code /v1/models/NAME[/versions/N | /labels/L][:VERB | /metadata]}; and beyond it {@code
 * /endpoints[/ENDPOINT]}.
 *
 * @param verb predict, classify, regress, metadata or endpoints; "" for the status
 * @param endpoint one of the model's endpoints
 */
public record ModelPath(
    String model,
    Optional<Long> version,
    Optional<String> label,
    String verb,
    Optional<String> endpoint) {
  private static final Pattern PATTERN =
      Pattern.compile(
          "/v1/models/([^/:]+)(?:/versions/(\\d+)|/labels/([^/:]+))?"
              + "(?::(predict|classify|regress)|/(metadata|endpoints(?:/([^/:]+))?))?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Reads a path as it stands in the request line.
   *
   * @throws AlphornException INVALID_ARGUMENT in TensorFlow Serving's words
   */
  public static ModelPath parse(String method, String path) {
    Matcher matcher = PATTERN.matcher(path);
    if (!matcher.matches()) {
      throw malformed(method, path);
    }
    String verb = matcher.group(4) != null ? matcher.group(4) : matcher.group(5);
    Optional<String> endpoint =
        Optional.ofNullable(matcher.group(6)).map(name -> decoded(name, method, path));
    return new ModelPath(
        decoded(matcher.group(1), method, path),
        Optional.ofNullable(matcher.group(2)).map(ModelPath::number),
        Optional.ofNullable(matcher.group(3)).map(label -> decoded(label, method, path)),
        verb == null ? "" : verb.toLowerCase(Locale.ROOT).replaceFirst("/.*", ""),
        endpoint);
  }

  public static AlphornException malformed(String method, String path) {
    return AlphornException.invalidArgument("Malformed request: %s %s", method, path);
  }

  private static String decoded(String part, String method, String path) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed(method, path);
    }
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw AlphornException.invalidArgument("Failed to convert version: %s to numeric.", digits);
    }
  }

  /** Which version the path asks for. */
  VersionChoice choice() {
    return new VersionChoice(version, label);
  }
}
