package io.alphorn.api.tfserving;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.registry.VersionChoice;
import io.alphorn.registry.VersionStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Version 0, where a model has none of that number, is the one that serves by default: OpenVINO's
 * client for this API always sends a version, and 0 when its user gave none.
 */
final class DefaultVersion {
  private static final Optional<Long> ZERO = Optional.of(0L);

  private DefaultVersion() {}

  static Lease lease(ModelRegistry registry, String model, VersionChoice choice) {
    return find(
        choice.version(), asked -> registry.lease(model, new VersionChoice(asked, choice.label())));
  }

  static List<VersionStatus> statuses(
      ModelRegistry registry, String model, Optional<Long> version) {
    return find(version, asked -> registry.statuses(model, asked));
  }

  private static <T> T find(Optional<Long> version, Function<Optional<Long>, T> finder) {
    try {
      return finder.apply(version);
    } catch (AlphornException e) {
      if (!version.equals(ZERO) || e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return finder.apply(Optional.empty());
    }
  }
}
