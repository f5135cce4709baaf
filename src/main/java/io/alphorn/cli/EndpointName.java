package io.alphorn.cli;

import io.alphorn.error.AlphornException;
import java.util.Set;

/** The endpoints that every model has. */
final class EndpointName {
  static final String DEFAULT = "serve";

  private static final Set<String> KNOWN = Set.of(DEFAULT, "serving_default");

  private EndpointName() {}

  /**
   * @throws AlphornException NOT_FOUND when the model has no such endpoint
   */
  static void require(String endpoint) {
    if (!KNOWN.contains(endpoint)) {
      throw AlphornException.notFound(
          "--endpoint: the model has no endpoint '%s'; it has %s", endpoint, KNOWN);
    }
  }
}
