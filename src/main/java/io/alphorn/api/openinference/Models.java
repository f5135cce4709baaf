package io.alphorn.api.openinference;

import io.alphorn.api.drain.ServerReadiness;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ModelSummary;
import io.alphorn.registry.VersionState;
import io.alphorn.registry.VersionStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the protocol tells of the server and its models, over REST and gRPC. */
@ApplicationScoped
class Models {
  private static final List<String> EXTENSIONS =
      List.of(
          "binary_tensor_data",
          "classification",
          "model_configuration",
          "model_repository",
          "model_repository(unload_dependents)",
          "statistics");

  /** The server's metadata. */
  record Server(String name, String version, List<String> extensions) {}

  private final ModelRegistry registry;
  private final ServerReadiness readiness;
  private final Targets targets;
  private final InferenceStatistics statistics;
  private final String version;

  Models(
      ModelRegistry registry,
      ServerReadiness readiness,
      Targets targets,
      InferenceStatistics statistics,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.registry = registry;
    this.readiness = readiness;
    this.targets = targets;
    this.statistics = statistics;
    this.version = version;
  }

  Server server() {
    return new Server("alphorn", version, EXTENSIONS);
  }

  boolean isReady() {
    return readiness.isReady();
  }

  /** The names of all models. */
  List<String> names() {
    return registry.list().stream().map(ModelSummary::name).toList();
  }

  /**
   * Whether a model, or a version of it, serves.
   *
   * @throws AlphornException INVALID_ARGUMENT when the version is no number
   */
  boolean isReady(String name, String version) {
    try (Target target = targets.resolve(name, version)) {
      return true;
    } catch (AlphornException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  ModelDescription.Metadata metadata(String name, String version) {
    try (Target target = targets.resolve(name, version)) {
      return ModelDescription.metadata(
          target, served(name).stream().map(number -> Long.toString(number)).toList());
    }
  }

  ModelDescription.Configuration configuration(String name, String version) {
    try (Target target = targets.resolve(name, version)) {
      return ModelDescription.configuration(target, served(name).size());
    }
  }

  /** The versions that serve, the oldest first. */
  private List<Long> served(String name) {
    return registry.statuses(Targets.model(name), Optional.empty()).stream()
        .filter(status -> status.state() == VersionState.AVAILABLE)
        .map(VersionStatus::version)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  /**
   * Statistics of versions.
   *
   * @param name "" for all models
   * @param version "" for all versions
   */
  List<VersionStatistics> statistics(String name, String version) {
    if (name.isEmpty()) {
      return registry.list().stream()
          .flatMap(model -> ofModel(model.name(), model.versions()).stream())
          .toList();
    }
    if (version.isEmpty()) {
      targets.resolve(name, version).close();
      return ofModel(name, registry.statuses(Targets.model(name), Optional.empty()));
    }
    try (Target target = targets.resolve(name, version)) {
      return List.of(statistics(target));
    }
  }

  private List<VersionStatistics> ofModel(String name, List<VersionStatus> versions) {
    List<VersionStatistics> found = new ArrayList<>();
    for (VersionStatus status : versions.reversed()) {
      String number = Long.toString(status.version());
      if (status.state() == VersionState.AVAILABLE) {
        try (Target target = targets.resolve(name, number)) {
          found.add(statistics(target));
        } catch (AlphornException e) {
          if (e.code() != ErrorCode.NOT_FOUND) {
            throw e;
          }
          // It was withdrawn just now.
        }
      }
    }
    return found;
  }

  private VersionStatistics statistics(Target target) {
    return statistics
        .of(target.version())
        .snapshot(target.version().model(), target.version().version());
  }
}
