package io.alphorn.registry;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.registry.policy.ModelSettings;
import io.alphorn.registry.policy.Route;
import io.alphorn.registry.policy.SettingsDocument;
import io.alphorn.registry.policy.VersionPolicy;
import io.alphorn.registry.store.ModelName;
import io.alphorn.registry.store.ModelStore;
import io.alphorn.registry.store.VersionFolder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
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
  private final Event<RegistryReady> whenReady;
  private final ModelStore store;
  private final Map<String, ModelEntry> entries = new ConcurrentHashMap<>();
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("models").factory());
  private volatile boolean ready;
  private volatile boolean stopping;

  ModelRegistry(
      RegistrySettings settings,
      ModelLoader loader,
      ModelStore store,
      Event<RegistryReady> whenReady) {
    this.settings = settings;
    this.loader = loader;
    this.store = store;
    this.whenReady = whenReady;
  }

  void start(@Observes StartupEvent event) {
    poller.execute(this::loadAtStart);
    long interval = settings.pollInterval().toMillis();
    if (interval > 0) {
      poller.scheduleWithFixedDelay(this::poll, interval, interval, TimeUnit.MILLISECONDS);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    poller.shutdown();
    // A native session must not be in the making when ONNX Runtime is closed, after this.
    awaitLoads();
    for (ModelEntry entry : entries.values()) {
      entry.lock().lock();
      try {
        entry.served().forEach(entry::withdraw);
      } finally {
        entry.lock().unlock();
      }
    }
  }

  private void awaitLoads() {
    Duration limit = settings.stopTimeout();
    try {
      if (!poller.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warnf(
            "models still load after %s (alphorn.stop-timeout); stopping nevertheless", limit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
    whenReady.fire(new RegistryReady());
  }

  private void poll() {
    try {
      SortedSet<String> names = new TreeSet<>(store.models());
      names.addAll(entries.keySet());
      names.forEach(this::synchronizeUnlessBusy);
    } catch (RuntimeException e) {
      LOG.error("cannot look at the models' folder; serving goes on", e);
    }
  }

  /** A model that somebody changes just now can wait for the next poll. */
  private void synchronizeUnlessBusy(String model) {
    ModelEntry entry = entries.get(model);
    if (entry == null || !entry.lock().isLocked()) {
      synchronize(model);
    }
  }

  /** Makes a model's loaded versions those that its folder and the policy ask for. */
  private void synchronize(String model) {
    if (stopping) {
      return;
    }
    try {
      change(
          model,
          entry -> {
            SortedSet<Long> stored = store.versions(model);
            readSettings(model, entry);
            settle(model, entry, stored);
            entry.statuses().stream()
                .map(VersionStatus::version)
                .filter(version -> !stored.contains(version))
                .forEach(entry::forget);
            return stored;
          });
    } catch (RuntimeException e) {
      LOG.errorf(e, "model %s: cannot look at its folder; serving goes on", model);
    }
  }

  /** Takes settings that another server, or the operator, put into the store. */
  private void readSettings(String model, ModelEntry entry) {
    try {
      entry.setSettings(
          store.settings(model).map(SettingsDocument::read).orElse(ModelSettings.NONE));
    } catch (AlphornException e) {
      LOG.errorf("model %s: %s; what was set before stays", model, e.getMessage());
    }
  }

  /** Changes a model's versions, one change at a time. A model without versions leaves no trace. */
  private <T> T change(String model, Function<ModelEntry, T> change) {
    while (true) {
      ModelEntry entry = entries.computeIfAbsent(model, name -> new ModelEntry());
      entry.lock().lock();
      try {
        if (entries.get(model) == entry) {
          return changeLocked(model, entry, change);
        }
        // It was taken out of the map while this thread waited for it.
      } finally {
        entry.lock().unlock();
      }
    }
  }

  private <T> T changeLocked(String model, ModelEntry entry, Function<ModelEntry, T> change) {
    try {
      return change.apply(entry);
    } finally {
      if (entry.isEmpty()) {
        entries.remove(model, entry);
      }
    }
  }

  /**
   * Serves of {@code stored} what the policy chooses, what labels or the default route lead to, and
   * what was kept; none of a model that was unloaded. The others go when their successors serve.
   */
  private void settle(String model, ModelEntry entry, SortedSet<Long> stored) {
    ModelSettings settings = entry.settings();
    Set<Long> named = settings.named();
    withdrawAllBut(entry, loadChosen(model, entry, stored, policy(settings), named::contains));
  }

  private VersionPolicy policy(ModelSettings settings) {
    return settings
        .policy()
        .orElseGet(() -> new VersionPolicy.Latest(Math.max(1, this.settings.servedVersions())));
  }

  /** Loads what is to serve, and gives what of it does. */
  private Set<Long> loadChosen(
      String model,
      ModelEntry entry,
      SortedSet<Long> stored,
      VersionPolicy policy,
      LongPredicate also) {
    Set<Long> chosen = new HashSet<>();
    for (long version : new TreeSet<>(stored).descendingSet()) {
      boolean due =
          policy.wants(version, chosen.size()) || also.test(version) || entry.isKept(version);
      if (due
          && !entry.isUnloaded()
          && (entry.version(version).isPresent() || load(model, entry, version))) {
        chosen.add(version);
      }
    }
    return chosen;
  }

  private static void withdrawAllBut(ModelEntry entry, Set<Long> chosen) {
    entry.served().stream()
        .filter(version -> !chosen.contains(version.version()))
        .forEach(entry::withdraw);
  }

  /**
   * What users set of a model.
   *
   * @throws AlphornException NOT_FOUND when there is none
   */
  public ModelSettings settings(String model) {
    ModelEntry entry = entries.get(model);
    if (entry == null) {
      throw noVersions(model);
    }
    return entry.settings();
  }

  /**
   * Changes what users set of a model. What the policy and the default route ask for is loaded
   * first; then labels and routes lead elsewhere in one step, and what is no longer asked for goes.
   *
   * @throws AlphornException NOT_FOUND when there is no such model; FAILED_PRECONDITION when a
   *     label or the default route would lead to a version that does not serve; nothing is changed
   */
  public ModelSettings changeSettings(String model, UnaryOperator<ModelSettings> change) {
    ModelName.require(model);
    return change(
        model,
        entry -> {
          SortedSet<Long> stored = requireStored(model, Optional.empty());
          ModelSettings before = entry.settings();
          ModelSettings after = change.apply(before);
          Set<Long> routed = after.routed();
          loadChosen(model, entry, stored, policy(after), routed::contains);
          try {
            requireServed(model, entry, before, after);
            storeSettings(model, after);
            entry.setSettings(after);
            return after;
          } finally {
            settle(model, entry, stored);
          }
        });
  }

  private void storeSettings(String model, ModelSettings settings) {
    if (settings.equals(ModelSettings.NONE)) {
      store.deleteSettings(model);
    } else {
      store.putSettings(model, SettingsDocument.bytes(settings));
    }
  }

  /** TensorFlow Serving's rule: labels are for versions that serve. So are default routes. */
  private void requireServed(
      String model, ModelEntry entry, ModelSettings before, ModelSettings after) {
    after
        .labels()
        .forEach(
            (label, route) -> {
              boolean isNew = !before.labels().containsKey(label);
              if (!(isNew && settings.allowVersionLabelsForUnavailableModels())) {
                requireServed(model, entry, route, "label");
              }
            });
    after.defaultRoute().ifPresent(route -> requireServed(model, entry, route, "default route"));
  }

  private static void requireServed(String model, ModelEntry entry, Route route, String what) {
    for (long version : route.versions()) {
      if (entry.version(version).isEmpty()) {
        throw AlphornException.failedPrecondition(
            "Request to assign %s to version %d of model %s, which is not currently available for"
                + " inference",
            what, version, model);
      }
    }
  }

  /** Loads a stored version. One that failed is tried again when its files have changed. */
  private boolean load(String model, ModelEntry entry, long version) {
    String fingerprint = store.fingerprint(model, version);
    if (entry.hasFailed(version, fingerprint)) {
      return false;
    }
    entry.put(VersionStatus.of(version, VersionState.LOADING));
    try {
      entry.serve(loader.load(model, version, store.folder(model, version)));
      return true;
    } catch (AlphornException e) {
      fail(model, entry, version, fingerprint, e);
    } catch (UnsupportedModelException e) {
      fail(
          model, entry, version, fingerprint, AlphornException.unimplemented("%s", e.getMessage()));
    } catch (RuntimeException e) {
      LOG.errorf(e, "model %s version %d: unforeseen failure", model, version);
      fail(
          model,
          entry,
          version,
          fingerprint,
          new AlphornException(
              ErrorCode.INTERNAL, "internal error; the server's log says more", e));
    }
    return false;
  }

  private static void fail(
      String model, ModelEntry entry, long version, String fingerprint, AlphornException failure) {
    LOG.errorf("model %s version %d does not load: %s", model, version, failure.getMessage());
    entry.fail(VersionStatus.failed(version, failure), fingerprint);
  }

  /** Holds a version for one request, see {@link #lease(String, VersionChoice)}. */
  public Lease lease(String model, Optional<Long> version) {
    return lease(model, VersionChoice.of(version));
  }

  /**
   * Holds the version that answers one request.
   *
   * @throws AlphornException NOT_FOUND when it is not served; INVALID_ARGUMENT when there is no
   *     such label
   */
  public Lease lease(String model, VersionChoice choice) {
    ModelEntry entry = entries.get(model);
    if (entry == null) {
      throw choice
          .label()
          .map(ModelEntry::unknownLabel)
          .orElseGet(() -> ServedVersion.notServed(model, choice.version()));
    }
    while (true) {
      Optional<ServedVersion> found = entry.choose(choice);
      if (found.isEmpty()) {
        throw ServedVersion.notServed(
            model, choice.version().or(() -> entry.route(choice).map(Route::main)));
      }
      Optional<Lease> lease = found.get().lease();
      if (lease.isPresent()) {
        return lease.get();
      }
      // It was withdrawn between the two steps; the snapshot by now shows what came instead.
    }
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
      throw noVersions(model);
    }
    if (version.isEmpty()) {
      return statuses;
    }
    return List.of(
        statuses.stream()
            .filter(status -> status.version() == version.get())
            .findFirst()
            .orElseThrow(() -> noVersion(model, version.get())));
  }

  /** All models, by name. */
  public List<ModelSummary> list() {
    List<ModelSummary> models = new ArrayList<>();
    entries.forEach((name, entry) -> models.add(new ModelSummary(name, entry.statuses())));
    models.sort(Comparator.comparing(ModelSummary::name));
    return models;
  }

  /**
   * Takes a new version of a model: on disk, compiled, loaded and warmed before it serves. One that
   * is older than what there is serves beside it, until it is deleted or the server ends.
   *
   * @param version which one to make; without it, the next
   * @param endpoints the endpoints that it has beside {@code serve}
   * @return the version
   * @throws AlphornException when the archive cannot be used, or ALREADY_EXISTS; nothing is changed
   * @throws UnsupportedModelException when it holds layers that cannot be compiled; nothing is
   *     changed
   */
  public long upload(
      String model, Optional<Long> version, InputStream body, EndpointDocument endpoints) {
    requireNew(model, version);
    return take(
        model, version, store.staging(model).stage(body, settings.maxUploadBytes(), endpoints));
  }

  /**
   * Takes weights alone as a new version, as {@code load_weights} would load them into the model of
   * another, with the endpoints of that.
   *
   * @param base the version that has the architecture
   * @throws AlphornException as {@link #upload}; NOT_FOUND when there is no version {@code base}
   */
  public long uploadWeights(String model, long version, long base, InputStream body) {
    requireNew(model, Optional.of(version));
    if (!store.versions(model).contains(base)) {
      throw noVersion(model, base);
    }
    VersionFolder architecture = store.folder(model, base);
    return take(
        model,
        Optional.of(version),
        store
            .staging(model)
            .stageWeights(
                body, settings.maxUploadBytes(), architecture.archive(), architecture.endpoints()));
  }

  private void requireNew(String model, Optional<Long> version) {
    ModelName.require(model);
    version
        .filter(number -> store.versions(model).contains(number))
        .ifPresent(
            number -> {
              throw ModelStore.alreadyExists(model, number);
            });
  }

  private long take(String model, Optional<Long> version, VersionFolder staged) {
    try {
      return change(model, entry -> take(model, entry, version, staged));
    } catch (RuntimeException e) {
      store.staging(model).discard(staged);
      throw e;
    }
  }

  private long take(String model, ModelEntry entry, Optional<Long> wanted, VersionFolder staged) {
    SortedSet<Long> stored = store.versions(model);
    long version = wanted.orElseGet(() -> next(stored));
    if (stored.contains(version)) {
      throw ModelStore.alreadyExists(model, version);
    }
    entry.put(VersionStatus.of(version, VersionState.LOADING));
    try {
      entry.serve(loadAndCommit(model, version, staged));
      entry.setUnloaded(false);
    } catch (RuntimeException e) {
      entry.forget(version);
      throw e;
    }
    if (!stored.isEmpty() && version < stored.last()) {
      entry.keep(version);
    }
    settle(model, entry, store.versions(model));
    return version;
  }

  private ServedVersion loadAndCommit(String model, long version, VersionFolder staged) {
    ServedVersion candidate = loader.load(model, version, staged);
    try {
      store.commit(staged, model, version);
      return candidate;
    } catch (RuntimeException e) {
      candidate.loaded().close();
      throw e;
    }
  }

  /**
   * Changes the endpoints of a version that serves; without a version of the newest. The version is
   * loaded with the changed document beside itself, then takes over in one step.
   *
   * @throws AlphornException NOT_FOUND when it is not served; INVALID_ARGUMENT when an endpoint
   *     does not fit the model; nothing is changed
   */
  public ServedVersion changeEndpoints(
      String model, Optional<Long> version, UnaryOperator<EndpointDocument> change) {
    ModelName.require(model);
    return change(
        model,
        entry -> {
          ServedVersion before =
              version
                  .map(entry::version)
                  .orElseGet(entry::main)
                  .orElseThrow(() -> ServedVersion.notServed(model, version));
          return changeEndpoints(entry, before, change.apply(before.document()));
        });
  }

  private ServedVersion changeEndpoints(
      ModelEntry entry, ServedVersion before, EndpointDocument document) {
    long number = before.version();
    ServedVersion after =
        loader.load(
            before.model(), number, store.folder(before.model(), number).archive(), document);
    try {
      store.putEndpoints(before.model(), number, document);
    } catch (RuntimeException e) {
      after.loaded().close();
      throw e;
    }
    entry.serve(after);
    before.loaded().close();
    return after;
  }

  private static long next(SortedSet<Long> stored) {
    return stored.isEmpty() ? 1 : stored.last() + 1;
  }

  /**
   * Serves a model that was unloaded, or could not be loaded, as its folder and the policy ask for.
   * What serves already goes on.
   *
   * @throws AlphornException NOT_FOUND when its folder has no versions; what keeps the newest one
   *     from being loaded, when none serves
   */
  public void load(String model) {
    ModelName.require(model);
    change(
        model,
        entry -> {
          SortedSet<Long> stored = requireStored(model, Optional.empty());
          entry.setUnloaded(false);
          entry.forgetFailures();
          settle(model, entry, stored);
          if (entry.served().isEmpty()) {
            throw entry.statuses().getFirst().error().orElseThrow().exception();
          }
          return stored;
        });
  }

  /**
   * Takes a model out of memory, until it is loaded again or the server is started again. Its files
   * stay.
   *
   * @throws AlphornException NOT_FOUND when there is none
   */
  public void unload(String model) {
    ModelName.require(model);
    change(
        model,
        entry -> {
          if (entry.isEmpty()) {
            throw noVersions(model);
          }
          entry.setUnloaded(true);
          entry.served().forEach(entry::withdraw);
          return entry;
        });
  }

  /**
   * Deletes a version, or the whole model, from memory and from disk. Where an older version is to
   * serve in its place, that one is loaded first.
   *
   * @throws AlphornException NOT_FOUND when there is none; FAILED_PRECONDITION when a label or the
   *     default route leads to the version
   */
  public void delete(String model, Optional<Long> version) {
    ModelName.require(model);
    change(
        model,
        entry -> {
          SortedSet<Long> deleted = requireStored(model, version);
          version.ifPresent(number -> requireUnnamed(model, entry, number));
          if (version.isEmpty()) {
            store.deleteSettings(model);
            entry.setSettings(ModelSettings.NONE);
          }
          SortedSet<Long> remaining = new TreeSet<>(store.versions(model));
          remaining.removeAll(deleted);
          settle(model, entry, remaining);
          for (long number : deleted) {
            store.delete(model, number);
            entry.forget(number);
          }
          return deleted;
        });
  }

  private static void requireUnnamed(String model, ModelEntry entry, long version) {
    entry
        .settings()
        .nameOf(version)
        .ifPresent(
            name -> {
              throw AlphornException.failedPrecondition(
                  "version %d of model %s is what %s leads to; let that lead elsewhere first",
                  version, model, name);
            });
  }

  private SortedSet<Long> requireStored(String model, Optional<Long> version) {
    SortedSet<Long> stored = store.versions(model);
    if (version.isEmpty() && stored.isEmpty()) {
      throw noVersions(model);
    }
    if (version.isPresent() && !stored.contains(version.get())) {
      throw noVersion(model, version.get());
    }
    return version.isPresent() ? new TreeSet<>(Set.of(version.get())) : stored;
  }

  private static AlphornException noVersions(String model) {
    return AlphornException.notFound("Could not find any versions of model %s", model);
  }

  private static AlphornException noVersion(String model, long version) {
    return AlphornException.notFound("Could not find version %d of model %s", version, model);
  }
}
