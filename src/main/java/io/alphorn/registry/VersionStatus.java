package io.alphorn.registry;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.util.Optional;

/**
 * How a version fares.
 *
 * @param error why it could not be loaded, if so
 */
public record VersionStatus(long version, VersionState state, Optional<Failure> error) {
  /** What went wrong. */
  public record Failure(ErrorCode code, String message) {
    AlphornException exception() {
      return new AlphornException(code, message);
    }
  }

  static VersionStatus of(long version, VersionState state) {
    return new VersionStatus(version, state, Optional.empty());
  }

  static VersionStatus failed(long version, AlphornException e) {
    return new VersionStatus(
        version, VersionState.END, Optional.of(new Failure(e.code(), e.getMessage())));
  }
}
