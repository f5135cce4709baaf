package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The {@code .keras} format: a zip of configuration, metadata, weights and assets. */
final class KerasZip {
  static final String CONFIG = "config.json";
  static final String METADATA = "metadata.json";
  static final String HDF5_WEIGHTS = "model.weights.h5";
  static final String NPZ_WEIGHTS = "model.weights.npz";
  static final String ASSETS = "assets/";

  private final Bytes file;
  private final ZipDirectory zip;
  private final Budget budget;

  private KerasZip(Bytes file, ZipDirectory zip, Budget budget) {
    this.file = file;
    this.zip = zip;
    this.budget = budget;
  }

  static KerasArchive open(Path path, Bytes file, Budget budget) {
    KerasZip archive = read(file, budget);
    ArchiveConfig config = ArchiveConfig.read(archive.require(CONFIG), budget.limits());
    return new KerasArchive(
        path, config, archive.kerasVersion(), archive.weights(), new ZipAssets(archive.zip));
  }

  /** The weights of an archive, or those of an npz, which is a zip too. */
  static WeightStore openWeights(Bytes file, Budget budget) {
    KerasZip archive = read(file, budget);
    return archive.zip.names().contains(CONFIG)
        ? archive.weights()
        : NpzWeights.read(file, archive.zip, budget);
  }

  private static KerasZip read(Bytes file, Budget budget) {
    return new KerasZip(file, ZipDirectory.read(file, budget), budget);
  }

  private String kerasVersion() {
    return zip.checkedContents(METADATA)
        .map(json -> StrictJson.object(json, budget.limits()))
        .map(metadata -> metadata.path("keras_version").asText(""))
        .orElse("");
  }

  private WeightStore weights() {
    return zip.contents(HDF5_WEIGHTS)
        .map(member -> Hdf5Weights.read(member, budget))
        .or(() -> zip.contents(NPZ_WEIGHTS).map(member -> NpzWeights.read(member, budget)))
        .orElseThrow(() -> missing(HDF5_WEIGHTS));
  }

  private Bytes require(String member) {
    return zip.checkedContents(member).orElseThrow(() -> missing(member));
  }

  private AlphornException missing(String member) {
    return AlphornException.invalidArgument(
        "%s: not a Keras archive: it has no %s; it holds %s",
        file.name(), member, SafeNames.shown(zip.names()));
  }

  private record ZipAssets(ZipDirectory zip) implements Assets {
    @Override
    public Optional<byte[]> find(String path) {
      return zip.checkedContents(ASSETS + path).map(Bytes::toArray);
    }

    @Override
    public List<String> names() {
      return zip.names().stream()
          .filter(name -> name.startsWith(ASSETS) && !name.endsWith("/"))
          .map(name -> name.substring(ASSETS.length()))
          .toList();
    }
  }
}
