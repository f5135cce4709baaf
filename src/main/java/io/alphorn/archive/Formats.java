package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells Keras's formats apart, by what a file holds rather than by what it is called. */
final class Formats {
  private static final String JSON = ".json";

  private Formats() {}

  static KerasArchive open(Path path, Budget budget) {
    if (Files.isDirectory(path)) {
      return KerasDirectory.open(path, budget);
    }
    if (isJson(path)) {
      return KerasDirectory.openConfiguration(path, budget);
    }
    Bytes file = Bytes.map(path, budget);
    if (ZipDirectory.isZip(file)) {
      return KerasZip.open(path, file, budget);
    }
    if (Hdf5Superblock.isAt(file)) {
      return LegacyHdf5.openModel(path, file, budget);
    }
    throw AlphornException.invalidArgument(
        "%s: a .keras archive (zip), a whole model in HDF5 or a JSON configuration expected; its"
            + " %d bytes are none of them",
        file.name(), file.size());
  }

  static KerasArchive open(Path path, Path weights, Budget budget) {
    WeightStore store = openWeights(weights, budget);
    return isJson(path)
        ? configuration(path, store, Assets.NONE, budget)
        : open(path, budget).with(store);
  }

  static WeightStore openWeights(Path path, Budget budget) {
    Bytes file = Bytes.map(path, budget);
    if (isJson(path)) {
      return ShardedWeights.read(path, file, budget);
    }
    if (ZipDirectory.isZip(file)) {
      return KerasZip.openWeights(file, budget);
    }
    if (Hdf5Superblock.isAt(file)) {
      return Hdf5Weights.read(file, budget);
    }
    throw AlphornException.invalidArgument(
        "%s: weights in HDF5, a map of shards (.weights.json) or an .npz expected; its %d bytes are"
            + " none of them",
        file.name(), file.size());
  }

  /** A model whose configuration is a file of its own, as {@code to_json} gives it. */
  static KerasArchive configuration(Path path, WeightStore weights, Assets assets, Budget budget) {
    ArchiveConfig config = ArchiveConfig.read(Bytes.map(path, budget), budget.limits());
    String version = config.json().path("keras_version").asText("");
    return new KerasArchive(path, config, version, weights, assets);
  }

  private static boolean isJson(Path path) {
    return Bytes.nameOf(path).endsWith(JSON);
  }
}
