package io.alphorn.archive;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A model that lies in a directory, unzipped or as a configuration with weights beside it. */
final class KerasDirectory {
  private final Path directory;
  private final List<String> names;
  private final Budget budget;

  private KerasDirectory(Path directory, Budget budget) {
    this.directory = directory;
    this.names = FileTree.names(directory, budget);
    this.budget = budget;
  }

  /** Opens what the directory holds. */
  static KerasArchive open(Path path, Budget budget) {
    KerasDirectory directory = new KerasDirectory(path, budget);
    return directory.names.contains(KerasZip.CONFIG)
        ? directory.openUnzipped(path)
        : Formats.open(directory.onlyArchive(), budget);
  }

  /** Opens a configuration with the weights that lie beside it. */
  static KerasArchive openConfiguration(Path config, Budget budget) {
    KerasDirectory directory =
        new KerasDirectory(config.toAbsolutePath().resolveSibling(""), budget);
    return Bytes.nameOf(config).equals(KerasZip.CONFIG)
        ? directory.openUnzipped(config)
        : directory.openPair(config);
  }

  /** {@code NAME.json} with {@code NAME.weights.h5} or its like. */
  private KerasArchive openPair(Path config) {
    String name = Bytes.nameOf(config);
    String stem = name.substring(0, name.lastIndexOf('.'));
    Set<String> accepted =
        Set.of(stem + ".weights.h5", stem + ShardedWeights.SUFFIX, stem + ".weights.npz");
    List<String> found = names.stream().filter(accepted::contains).toList();
    WeightStore weights = openWeights(only(found, "one of " + accepted));
    return Formats.configuration(config, weights, Assets.NONE, budget);
  }

  private KerasArchive openUnzipped(Path opened) {
    ArchiveConfig config =
        ArchiveConfig.read(Bytes.map(directory.resolve(KerasZip.CONFIG), budget), budget.limits());
    JsonNode metadata = names.contains(KerasZip.METADATA) ? json(KerasZip.METADATA) : config.json();
    return new KerasArchive(
        opened,
        config,
        metadata.path("keras_version").asText(""),
        openWeights(unzippedWeights()),
        FileTree.assets(directory.resolve(KerasZip.ASSETS), budget));
  }

  private JsonNode json(String name) {
    return StrictJson.object(Bytes.map(directory.resolve(name), budget), budget.limits());
  }

  private WeightStore openWeights(String name) {
    return Formats.openWeights(directory.resolve(name), budget);
  }

  /** The names that Keras gives, in its order of preference; else the only file of weights. */
  private String unzippedWeights() {
    for (String name : List.of(KerasZip.HDF5_WEIGHTS, KerasZip.NPZ_WEIGHTS)) {
      if (names.contains(name)) {
        return name;
      }
    }
    List<String> maps = ending(ShardedWeights.SUFFIX);
    return maps.isEmpty()
        ? only(ending(".weights.h5", ".weights.npz"), "one file of weights beside config.json")
        : only(maps, "one .weights.json beside config.json");
  }

  private Path onlyArchive() {
    List<String> archives = ending(".keras");
    List<String> found =
        archives.isEmpty()
            ? ending(".h5").stream().filter(name -> !name.endsWith(".weights.h5")).toList()
            : archives;
    return directory.resolve(only(found, "a config.json, or one .keras or .h5 file"));
  }

  private List<String> ending(String... suffixes) {
    return names.stream()
        .filter(name -> List.of(suffixes).stream().anyMatch(name::endsWith))
        .toList();
  }

  private String only(List<String> found, String expected) {
    if (found.size() != 1) {
      throw AlphornException.invalidArgument(
          "%s: %s expected, %d found: it holds %s",
          Bytes.nameOf(directory), expected, found.size(), SafeNames.shown(names));
    }
    return found.getFirst();
  }
}
