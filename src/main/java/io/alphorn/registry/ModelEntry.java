package io.alphorn.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One model's versions. What requests read is one immutable snapshot; changes are made by one
 * thread at a time and published at once.
 */
final class ModelEntry {
  private record Snapshot(
      NavigableMap<Long, ServedVersion> served, NavigableMap<Long, VersionStatus> statuses) {}

  private final ReentrantLock lock = new ReentrantLock();
  private volatile Snapshot snapshot =
      new Snapshot(Collections.emptyNavigableMap(), Collections.emptyNavigableMap());

  /** Held by who changes the model's versions. */
  ReentrantLock lock() {
    return lock;
  }

  Optional<ServedVersion> newest() {
    NavigableMap<Long, ServedVersion> served = snapshot.served();
    return served.isEmpty() ? Optional.empty() : Optional.of(served.lastEntry().getValue());
  }

  Optional<ServedVersion> version(long version) {
    return Optional.ofNullable(snapshot.served().get(version));
  }

  /** All versions that are known, the newest first. */
  List<VersionStatus> statuses() {
    return new ArrayList<>(snapshot.statuses().descendingMap().values());
  }

  Optional<VersionStatus> status(long version) {
    return Optional.ofNullable(snapshot.statuses().get(version));
  }

  List<ServedVersion> served() {
    return new ArrayList<>(snapshot.served().values());
  }

  void put(VersionStatus status) {
    NavigableMap<Long, VersionStatus> statuses = new TreeMap<>(snapshot.statuses());
    statuses.put(status.version(), status);
    snapshot = new Snapshot(snapshot.served(), statuses);
  }

  /** Forgets a version that has left no trace. */
  void forget(long version) {
    NavigableMap<Long, VersionStatus> statuses = new TreeMap<>(snapshot.statuses());
    statuses.remove(version);
    snapshot = new Snapshot(snapshot.served(), statuses);
  }

  /** Serves a version from now on. */
  void serve(ServedVersion version) {
    NavigableMap<Long, ServedVersion> served = new TreeMap<>(snapshot.served());
    NavigableMap<Long, VersionStatus> statuses = new TreeMap<>(snapshot.statuses());
    served.put(version.version(), version);
    statuses.put(version.version(), VersionStatus.of(version.version(), VersionState.AVAILABLE));
    snapshot = new Snapshot(served, statuses);
  }

  /** Serves a version no longer. Its native memory goes when the last request lets go of it. */
  void withdraw(ServedVersion version) {
    NavigableMap<Long, ServedVersion> served = new TreeMap<>(snapshot.served());
    NavigableMap<Long, VersionStatus> statuses = new TreeMap<>(snapshot.statuses());
    served.remove(version.version());
    statuses.put(version.version(), VersionStatus.of(version.version(), VersionState.END));
    snapshot = new Snapshot(served, statuses);
    version.loaded().close();
  }
}
