package io.alphorn.registry;

import io.alphorn.error.AlphornException;
import io.alphorn.registry.ServedVersion.Lease;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The models that this server has. A version is compiled, loaded and warmed beside those that
 * serve, then takes over in one step; whatever fails on the way leaves the others alone.
 */
@ApplicationScoped
public class ModelRegistry {
  private static final Logger LOG = Logger.getLogger(ModelRegistry.class);

  private final RegistrySettings settings;
  private final ModelLoader loader;
  private final ModelStore store;
  private final Map<String, ModelEntry> entries = new ConcurrentSkipListMap<>();
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("models").factory());
  private volatile boolean ready;

  ModelRegistry(RegistrySettings settings, ModelLoader loader) {
    this.settings = settings;
    this.loader = loader;
    this.store = new ModelStore(settings.models());
  }

  void start(@Observes StartupEvent event) {
    store.clean();
    poller.execute(this::loadAtStart);
    long interval = settings.pollInterval().toMillis();
    if (interval > 0) {
      poller.scheduleWithFixedDelay(this::poll, interval, interval, TimeUnit.MILLISECONDS);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    poller.shutdownNow();
    for (ModelEntry entry : entries.values()) {
      entry.lock().lock();
      try {
        entry.served().forEach(entry::withdraw);
      } finally {
        entry.lock().unlock();
      }
    }
  }

  /** Whether all models that were there at the start have been looked at. */
  public boolean isReady() {
    return ready;
  }

  private void loadAtStart() {
    try (ExecutorService loading =
        Executors.newFixedThreadPool(
            settings.loadingThreads(), Thread.ofPlatform().name("loading-", 0).factory())) {
      store.models().forEach(model -> loading.execute(() -> synchronize(model)));
    }
    ready = true;
  }

  private void poll() {
    try {
      SortedSet<String> names = new TreeSet<>(store.models());
      names.addAll(entries.keySet());
      names.forEach(this::synchronize);
    } catch (RuntimeException e) {
      LOG.error("cannot look at the models' folder; serving goes on", e);
    }
  }

  /** Makes a model's loaded versions those that its folder and the policy ask for. */
  private void synchronize(String model) {
    ModelEntry entry = entry(model);
    if (!entry.lock().tryLock()) {
      return; // Somebody changes the model just now; the next poll looks again.
    }
    try {
      SortedSet<Long> stored = store.versions(model);
      SortedSet<Long> wanted = wanted(stored);
      for (long version : wanted) {
        if (entry.status(version).filter(ModelRegistry::isSettled).isEmpty()) {
          load(model, entry, version);
        }
      }
      withdrawOthers(entry, wanted);
      entry.statuses().stream()
          .map(VersionStatus::version)
          .filter(version -> !stored.contains(version))
          .forEach(entry::forget);
      if (stored.isEmpty()) {
        entries.remove(model, entry);
      }
    } finally {
      entry.lock().unlock();
    }
  }

  /** Serving, or tried in vain: a version that could not be loaded is not tried again and again. */
  private static boolean isSettled(VersionStatus status) {
    return status.state() == VersionState.AVAILABLE || status.error().isPresent();
  }

  private SortedSet<Long> wanted(SortedSet<Long> stored) {
    SortedSet<Long> wanted = new TreeSet<>();
    for (Long version : new TreeSet<>(stored).descendingSet()) {
      if (wanted.size() < settings.servedVersions()) {
        wanted.add(version);
      }
    }
    return wanted;
  }

  private void load(String model, ModelEntry entry, long version) {
    entry.put(VersionStatus.of(version, VersionState.LOADING));
    try {
      entry.serve(loader.load(model, version, store.archive(model, version)));
    } catch (AlphornException e) {
      LOG.errorf("model %s version %d does not load: %s", model, version, e.getMessage());
      entry.put(VersionStatus.failed(version, e));
    } catch (UnsupportedModelException e) {
      LOG.errorf("model %s version %d cannot be compiled: %s", model, version, e.getMessage());
      entry.put(
          VersionStatus.failed(version, AlphornException.unimplemented("%s", e.getMessage())));
    }
  }

  /** The wanted versions serve; the others go, unless nothing would be left to serve. */
  private static void withdrawOthers(ModelEntry entry, SortedSet<Long> wanted) {
    boolean serving = entry.served().stream().anyMatch(v -> wanted.contains(v.version()));
    for (ServedVersion version : entry.served()) {
      if (!wanted.contains(version.version()) && (serving || wanted.isEmpty())) {
        entry.withdraw(version);
      }
    }
  }

  private ModelEntry entry(String model) {
    return entries.computeIfAbsent(model, name -> new ModelEntry());
  }

  /**
   * Holds a version for one request; without a version the newest.
   *
   * @throws AlphornException NOT_FOUND when it is not served
   */
  public Lease lease(String model, Optional<Long> version) {
    ModelEntry entry = entries.get(model);
    while (entry != null) {
      Optional<ServedVersion> found =
          version.isPresent() ? entry.version(version.get()) : entry.newest();
      if (found.isEmpty()) {
        break;
      }
      Optional<Lease> lease = found.get().lease();
      if (lease.isPresent()) {
        return lease.get();
      }
      // It was withdrawn between the two steps; the snapshot by now shows what came instead.
    }
    throw ServedVersion.notServed(model, version);
  }

  /**
   * The versions of a model, the newest first.
   *
   * @throws AlphornException NOT_FOUND when there are none, in TensorFlow Serving's words
   */
  public List<VersionStatus> statuses(String model, Optional<Long> version) {
    ModelEntry entry = entries.get(model);
    List<VersionStatus> statuses = entry == null ? List.of() : entry.statuses();
    if (statuses.isEmpty()) {
      throw AlphornException.notFound("Could not find any versions of model %s", model);
    }
    if (version.isEmpty()) {
      return statuses;
    }
    return List.of(
        statuses.stream()
            .filter(status -> status.version() == version.get())
            .findFirst()
            .orElseThrow(
                () ->
                    AlphornException.notFound(
                        "Could not find version %d of model %s", version.get(), model)));
  }

  /** All models, by name. */
  public List<ModelSummary> list() {
    List<ModelSummary> models = new ArrayList<>();
    entries.forEach((name, entry) -> models.add(new ModelSummary(name, entry.statuses())));
    return models;
  }

  /**
   * Takes a new version of a model: on disk, compiled, loaded and warmed before it serves.
   *
   * @param version which one to make; without it, the next
   * @return the version
   * @throws AlphornException when the archive cannot be used, or ALREADY_EXISTS; nothing is changed
   * @throws UnsupportedModelException when it holds layers that cannot be compiled; nothing is
   *     changed
   */
  public long upload(String model, Optional<Long> version, InputStream body) {
    ModelName.require(model);
    version
        .filter(number -> store.versions(model).contains(number))
        .ifPresent(
            number -> {
              throw ModelStore.alreadyExists(model, number);
            });
    ModelStore.Staged staged = store.stage(body, settings.maxUploadBytes());
    try {
      return take(model, version, staged);
    } catch (RuntimeException e) {
      store.discard(staged);
      throw e;
    }
  }

  private long take(String model, Optional<Long> wanted, ModelStore.Staged staged) {
    ModelEntry entry = entry(model);
    entry.lock().lock();
    try {
      long version = wanted.orElseGet(() -> next(model));
      ServedVersion candidate = loader.load(model, version, staged.archive());
      try {
        store.commit(staged, model, version);
      } catch (RuntimeException e) {
        candidate.loaded().close();
        throw e;
      }
      entry.serve(candidate);
      withdrawOthers(entry, wanted(store.versions(model)));
      return version;
    } finally {
      if (entry.statuses().isEmpty()) {
        entries.remove(model, entry);
      }
      entry.lock().unlock();
    }
  }

  private long next(String model) {
    SortedSet<Long> versions = store.versions(model);
    return versions.isEmpty() ? 1 : versions.last() + 1;
  }

  /**
   * Deletes a version, or the whole model, from memory and from disk.
   *
   * @throws AlphornException NOT_FOUND when there is none
   */
  public void delete(String model, Optional<Long> version) {
    ModelName.require(model);
    SortedSet<Long> stored = store.versions(model);
    if (version.isPresent() ? !stored.contains(version.get()) : stored.isEmpty()) {
      throw version.isPresent()
          ? AlphornException.notFound("Could not find version %d of model %s", version.get(), model)
          : AlphornException.notFound("Could not find any versions of model %s", model);
    }
    ModelEntry entry = entry(model);
    entry.lock().lock();
    try {
      for (long number : version.isPresent() ? new TreeSet<>(List.of(version.get())) : stored) {
        entry.version(number).ifPresent(entry::withdraw);
        store.delete(model, number);
        entry.forget(number);
      }
    } finally {
      entry.lock().unlock();
    }
    synchronize(model);
  }
}
