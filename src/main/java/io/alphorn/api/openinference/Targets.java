package io.alphorn.api.openinference;

import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion.Lease;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/**
 * Finds what a request names. The protocol knows models without endpoints; here {@code
 * NAME:ENDPOINT} is an endpoint of a model, and {@code NAME} the default one.
 */
@ApplicationScoped
class Targets {
  private static final char SEPARATOR = ':';

  private final ModelRegistry registry;

  Targets(ModelRegistry registry) {
    this.registry = registry;
  }

  /**
   * Holds what a request is for.
   *
   * @param version a number; "" for the newest that serves
   * @throws AlphornException NOT_FOUND when it is not served; INVALID_ARGUMENT when the version is
   *     no number
   */
  Target resolve(String name, String version) {
    int separator = name.indexOf(SEPARATOR);
    String endpoint = separator < 0 ? "" : name.substring(separator + 1);
    Lease lease = lease(model(name), name, version);
    Optional<CompiledEndpoint> compiled =
        separator >= 0 && endpoint.isEmpty()
            ? Optional.empty()
            : lease.version().endpoint(endpoint);
    if (compiled.isEmpty()) {
      List<String> names = lease.version().compiled().names();
      lease.close();
      throw AlphornException.notFound(
          "Request for unknown endpoint: model '%s' has no endpoint '%s', but %s",
          model(name), endpoint, names);
    }
    return new Target(name, endpoint, compiled.get(), lease);
  }

  /** The model that a name is about, without its endpoint. */
  static String model(String name) {
    int separator = name.indexOf(SEPARATOR);
    return separator < 0 ? name : name.substring(0, separator);
  }

  private Lease lease(String model, String name, String version) {
    try {
      return registry.lease(model, number(version));
    } catch (AlphornException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      throw new AlphornException(
          ErrorCode.NOT_FOUND,
          "Request for unknown model: '%s'%s is not found"
              .formatted(name, version.isEmpty() ? "" : " version " + version),
          e);
    }
  }

  /**
   * The number of a version, which the protocol has as text.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is none
   */
  static Optional<Long> number(String version) {
    if (version.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(version));
    } catch (NumberFormatException e) {
      throw AlphornException.invalidArgument(
          "failed to get model version from specified version string '%s'; it must be a number",
          version);
    }
  }
}
