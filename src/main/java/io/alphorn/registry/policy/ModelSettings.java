package io.alphorn.registry.policy;

import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What users set of a model. {@link SettingsDocument} is its JSON.
 *
 * @param policy which versions are served; the server's default when empty
 * @param labels names that requests may give instead of a version
 * @param defaultRoute where requests go that give neither; the newest version when empty
 */
public record ModelSettings(
    Optional<VersionPolicy> policy, SortedMap<String, Route> labels, Optional<Route> defaultRoute) {
  /** A model of which nothing is set. */
  public static final ModelSettings NONE =
      new ModelSettings(Optional.empty(), new TreeMap<>(), Optional.empty());

  public ModelSettings {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** The same with another policy and other labels. */
  public ModelSettings with(Optional<VersionPolicy> policy, SortedMap<String, Route> labels) {
    return new ModelSettings(policy, labels, defaultRoute);
  }

  /** The versions that the default route leads to. */
  public Set<Long> routed() {
    return defaultRoute.map(Route::versions).orElse(Set.of());
  }

  /** The versions that labels or the default route lead to. */
  public Set<Long> named() {
    Set<Long> named = new HashSet<>(routed());
    labels.values().forEach(route -> named.addAll(route.versions()));
    return named;
  }

  /** What names a version, for a message: a label, or the default route. */
  public Optional<String> nameOf(long version) {
    if (routed().contains(version)) {
      return Optional.of("the default route");
    }
    return labels.entrySet().stream()
        .filter(label -> label.getValue().versions().contains(version))
        .map(label -> "the label '%s'".formatted(label.getKey()))
        .findFirst();
  }
}
