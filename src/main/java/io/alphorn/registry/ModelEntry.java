package io.alphorn.registry;

import io.alphorn.error.AlphornException;
import io.alphorn.registry.policy.ModelSettings;
import io.alphorn.registry.policy.Route;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One model's versions. What requests read is one immutable snapshot, without a lock; whoever
 * changes the set of versions holds {@link #lock}, and publishes each change at once.
 */
final class ModelEntry {
  private record Snapshot(
      NavigableMap<Long, ServedVersion> served, NavigableMap<Long, VersionStatus> statuses) {
    Snapshot copy() {
      return new Snapshot(new TreeMap<>(served), new TreeMap<>(statuses));
    }
  }

  private volatile ModelSettings settings = ModelSettings.NONE;

  private final ReentrantLock lock = new ReentrantLock();
  private volatile Snapshot snapshot = new Snapshot(new TreeMap<>(), new TreeMap<>());

  /** What the folders of versions looked like that could not be loaded; under the lock. */
  private final Map<Long, String> failures = new HashMap<>();

  /** The versions that serve whatever the policy says; under the lock. */
  private final Set<Long> kept = new HashSet<>();

  /** Whether the model is to be out of memory, though its versions lie on disk; under the lock. */
  private boolean unloaded;

  /** Held by who changes the set of versions. */
  ReentrantLock lock() {
    return lock;
  }

  ModelSettings settings() {
    return settings;
  }

  /** Lets labels and the default route lead elsewhere from now on; under the lock. */
  void setSettings(ModelSettings settings) {
    this.settings = settings;
  }

  /**
   * The version that answers a request.
   *
   * @throws AlphornException INVALID_ARGUMENT when there is no such label, in TensorFlow Serving's
   *     words
   */
  Optional<ServedVersion> choose(VersionChoice choice) {
    if (choice.version().isPresent()) {
      return version(choice.version().get());
    }
    Optional<Route> route = route(choice);
    return route.isPresent() ? pick(route.get()) : newest();
  }

  /** The way that a request without a number goes; none is to the newest version. */
  Optional<Route> route(VersionChoice choice) {
    if (choice.label().isEmpty()) {
      return settings.defaultRoute();
    }
    String label = choice.label().get();
    Route route = settings.labels().get(label);
    if (route == null) {
      throw unknownLabel(label);
    }
    return Optional.of(route);
  }

  static AlphornException unknownLabel(String label) {
    return AlphornException.invalidArgument("Unrecognized servable version label: %s", label);
  }

  private Optional<ServedVersion> pick(Route route) {
    NavigableMap<Long, ServedVersion> served = snapshot.served();
    return route
        .pick(served::containsKey, ThreadLocalRandom.current().nextDouble())
        .map(served::get);
  }

  /** The version that most requests without a number go to. */
  Optional<ServedVersion> main() {
    return settings.defaultRoute().map(Route::main).map(this::version).orElseGet(this::newest);
  }

  private Optional<ServedVersion> newest() {
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

  List<ServedVersion> served() {
    return new ArrayList<>(snapshot.served().values());
  }

  /** Publishes a changed copy. Not only holders of the lock do: an old version's end comes late. */
  private synchronized void publish(Consumer<Snapshot> change) {
    Snapshot changed = snapshot.copy();
    change.accept(changed);
    snapshot = changed;
  }

  void put(VersionStatus status) {
    publish(changed -> changed.statuses().put(status.version(), status));
  }

  /** Remembers why a version does not load, and what it looked like. */
  void fail(VersionStatus status, String fingerprint) {
    failures.put(status.version(), fingerprint);
    put(status);
  }

  /** Whether a version that looks like this could not be loaded. */
  boolean hasFailed(long version, String fingerprint) {
    return fingerprint.equals(failures.get(version));
  }

  /** Lets every version be tried again, whether or not its files have changed. */
  void forgetFailures() {
    failures.clear();
  }

  void setUnloaded(boolean unloaded) {
    this.unloaded = unloaded;
  }

  boolean isUnloaded() {
    return unloaded;
  }

  void keep(long version) {
    kept.add(version);
  }

  boolean isKept(long version) {
    return kept.contains(version);
  }

  /** Serves a version from now on. */
  void serve(ServedVersion version) {
    failures.remove(version.version());
    publish(
        changed -> {
          changed.served().put(version.version(), version);
          changed
              .statuses()
              .put(version.version(), VersionStatus.of(version.version(), VersionState.AVAILABLE));
        });
  }

  /** Serves a version no longer. Its native memory goes when the last request lets go of it. */
  void withdraw(ServedVersion version) {
    long number = version.version();
    VersionStatus unloading = VersionStatus.of(number, VersionState.UNLOADING);
    publish(
        changed -> {
          changed.served().remove(number);
          changed.statuses().put(number, unloading);
        });
    version.loaded().close(() -> publish(changed -> end(changed, unloading)));
  }

  private static void end(Snapshot changed, VersionStatus unloading) {
    changed
        .statuses()
        .replace(
            unloading.version(),
            unloading,
            VersionStatus.of(unloading.version(), VersionState.END));
  }

  /** Forgets a version that is no more. */
  void forget(long version) {
    failures.remove(version);
    kept.remove(version);
    publish(changed -> changed.statuses().remove(version));
  }

  boolean isEmpty() {
    return snapshot.statuses().isEmpty();
  }
}
