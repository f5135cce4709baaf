package io.alphorn.api.openinference;

import io.alphorn.registry.ServedVersion;
import io.alphorn.runtime.LoadedModel;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/** The counters of all versions, which go with the models that they count for. */
@ApplicationScoped
class InferenceStatistics {
  private final Map<LoadedModel, VersionCounters> counters =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** The counters of a version; they begin at zero when it is loaded. */
  VersionCounters of(ServedVersion version) {
    return counters.computeIfAbsent(version.loaded(), loaded -> new VersionCounters());
  }
}
