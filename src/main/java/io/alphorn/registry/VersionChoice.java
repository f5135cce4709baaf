package io.alphorn.registry;

import java.util.Optional;

/**
 * Which version a request asks for: one by number, one by label, or with neither the one that the
 * model's default route leads to.
 */
public record VersionChoice(Optional<Long> version, Optional<String> label) {
  public static VersionChoice of(Optional<Long> version) {
    return new VersionChoice(version, Optional.empty());
  }

  public static VersionChoice labelled(String label) {
    return new VersionChoice(Optional.empty(), Optional.of(label));
  }
}
