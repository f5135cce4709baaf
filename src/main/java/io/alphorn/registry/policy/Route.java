package io.alphorn.registry.policy;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Where requests go that name no version: to one version, or to several, each with its share.
 *
 * @param weights of the versions, above 0; shares are what each has of their sum
 */
public record Route(SortedMap<Long, Double> weights) {
  public Route {
    if (weights.isEmpty()) {
      throw new IllegalArgumentException("a route leads to a version");
    }
    weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
  }

  /** All requests to one version. */
  public static Route to(long version) {
    return new Route(new TreeMap<>(Map.of(version, 1.0)));
  }

  public Set<Long> versions() {
    return weights.keySet();
  }

  /** The version with the greatest share. */
  public long main() {
    return weights.entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }

  /**
   * The version for one request. Versions that do not serve leave their share to those that do.
   *
   * @param serves whether a version serves
   * @param random uniform in [0, 1)
   * @return none when none serves
   */
  public Optional<Long> pick(LongPredicate serves, double random) {
    double total = 0;
    for (Map.Entry<Long, Double> entry : weights.entrySet()) {
      total += serves.test(entry.getKey()) ? entry.getValue() : 0;
    }
    double left = random * total;
    Optional<Long> last = Optional.empty();
    for (Map.Entry<Long, Double> entry : weights.entrySet()) {
      if (serves.test(entry.getKey())) {
        last = Optional.of(entry.getKey());
        left -= entry.getValue();
        if (left < 0) {
          break;
        }
      }
    }
    return last;
  }
}
