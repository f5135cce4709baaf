package io.alphorn.api.openinference;

import io.alphorn.api.Failures;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.UnsupportedModelException;
import io.alphorn.registry.VersionState;
import io.alphorn.registry.VersionStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Triton's model repository extension: what there is, loading and unloading it. */
@ApplicationScoped
class Repository {
  static final String FILE_PREFIX = "file:";
  static final String CONFIGURATION = "config";

  private static final Pattern ARCHIVE =
      Pattern.compile("file:(\\d{1,18})/[^/]+\\.(keras|h5|hdf5)");

  /** A version as the index has it. */
  record Entry(String name, String version, String state, String reason) {}

  private final ModelRegistry registry;

  Repository(ModelRegistry registry) {
    this.registry = registry;
  }

  /** All versions of all models, or those that are ready. */
  List<Entry> index(boolean onlyReady) {
    return registry.list().stream()
        .flatMap(model -> model.versions().stream().map(status -> entry(model.name(), status)))
        .filter(entry -> !onlyReady || entry.state().equals("READY"))
        .toList();
  }

  private static Entry entry(String model, VersionStatus status) {
    String reason =
        status
            .error()
            .map(VersionStatus.Failure::message)
            .orElse(status.state() == VersionState.END ? "unloaded" : "");
    return new Entry(model, Long.toString(status.version()), state(status.state()), reason);
  }

  private static String state(VersionState state) {
    return switch (state) {
      case START, LOADING -> "LOADING";
      case AVAILABLE -> "READY";
      case UNLOADING -> "UNLOADING";
      case END -> "UNAVAILABLE";
    };
  }

  /**
   * Loads a model from its folder.
   *
   * @throws AlphornException NOT_FOUND when there is none; what keeps it from being loaded
   */
  void load(String model) {
    registry.load(model);
  }

  /**
   * Loads a model from archives in the request, which become versions of it.
   *
   * @param hasConfiguration whether the request has one, which Triton asks for where there are
   *     files
   * @param files archives by parameters, as {@code file:1/model.keras}
   * @throws AlphornException INVALID_ARGUMENT when the parameters name no archives; ALREADY_EXISTS
   *     when there is such a version; what keeps it from being loaded
   */
  void load(
      String model, boolean hasConfiguration, SortedMap<String, Supplier<InputStream>> files) {
    if (files.isEmpty()) {
      load(model);
      return;
    }
    if (!hasConfiguration) {
      throw AlphornException.invalidArgument(
          "failed to load '%s', override model directory requires the parameter 'config'", model);
    }
    files.keySet().forEach(Repository::version);
    files.forEach((parameter, archive) -> upload(model, version(parameter), archive.get()));
  }

  private void upload(String model, long version, InputStream archive) {
    try {
      registry.upload(model, Optional.of(version), archive, EndpointDocument.empty());
    } catch (UnsupportedModelException e) {
      throw AlphornException.unimplemented("the model cannot be compiled: %s", e.getMessage());
    } catch (RuntimeException e) {
      throw Failures.internal(e);
    }
  }

  private static long version(String parameter) {
    Matcher archive = ARCHIVE.matcher(parameter);
    if (!archive.matches()) {
      throw AlphornException.invalidArgument(
          "parameter '%s': expected an archive as file:VERSION/model.keras or .h5", parameter);
    }
    return Long.parseLong(archive.group(1));
  }

  /**
   * Takes a model out of memory.
   *
   * @throws AlphornException NOT_FOUND when there is none
   */
  void unload(String model) {
    registry.unload(model);
  }
}
