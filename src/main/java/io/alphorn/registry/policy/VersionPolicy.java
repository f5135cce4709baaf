package io.alphorn.registry.policy;

import java.util.SortedSet;
import java.util.TreeSet;

/** Which versions of a model are served: TensorFlow Serving's {@code ServableVersionPolicy}. */
public sealed interface VersionPolicy {
  /** The newest versions that can be loaded. */
  record Latest(int versions) implements VersionPolicy {
    public Latest {
      if (versions < 1) {
        throw new IllegalArgumentException("at least one version, not " + versions);
      }
    }

    @Override
    public boolean wants(long version, int newer) {
      return newer < versions;
    }
  }

  /** All versions. */
  record All() implements VersionPolicy {
    @Override
    public boolean wants(long version, int newer) {
      return true;
    }
  }

  /** These versions, where they are there. */
  record Specific(SortedSet<Long> versions) implements VersionPolicy {
    public Specific {
      versions = new TreeSet<>(versions);
    }

    @Override
    public boolean wants(long version, int newer) {
      return versions.contains(version);
    }
  }

  /**
   * Whether a version that is there is to be served.
   *
   * @param newer how many newer versions serve
   */
  boolean wants(long version, int newer);
}
