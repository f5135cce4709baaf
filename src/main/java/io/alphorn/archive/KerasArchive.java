package io.alphorn.archive;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A saved Keras model: its configuration, its weights and its assets, whatever format they came in.
 * Opening reads and checks everything but the elements of the weights, which stay in the file until
 * they are asked for.
 *
 * <p>Files are mapped, not copied, and must not change while the archive or anything read from it
 * is in use.
 */
public final class KerasArchive implements AutoCloseable {
  private final Path path;
  private final ArchiveConfig config;
  private final String kerasVersion;
  private final WeightStore weights;
  private final Assets assets;

  KerasArchive(
      Path path, ArchiveConfig config, String kerasVersion, WeightStore weights, Assets assets) {
    this.path = path;
    this.config = config;
    this.kerasVersion = kerasVersion;
    this.weights = weights;
    this.assets = assets;
  }

  /**
   * Opens a saved model in whichever of Keras's formats it is:
   *
   * <ul>
   *   <li>a {@code .keras} archive,
   *   <li>a whole model in HDF5 ({@code .h5}),
   *   <li>a JSON configuration with weights of the same name beside it ({@code NAME.json} with
   *       {@code NAME.weights.h5}, {@code NAME.weights.json} or {@code NAME.weights.npz}),
   *   <li>a directory that holds an unzipped {@code .keras} archive, a {@code config.json} and one
   *       file of weights, or one of the files above.
   * </ul>
   *
   * @throws io.alphorn.error.AlphornException INVALID_ARGUMENT when the file is not what Keras
   *     saves or is damaged; RESOURCE_EXHAUSTED when it goes beyond {@code limits}; UNIMPLEMENTED
   *     when it uses what Keras does not; NOT_FOUND when there is no such file
   */
  public static KerasArchive open(Path path, ArchiveLimits limits) {
    return Formats.open(path, new Budget(limits));
  }

  /**
   * Opens the model of {@code path} with the weights of another file, as {@code load_weights} would
   * load them.
   *
   * @param path anything that {@link #open(Path, ArchiveLimits)} takes, or a JSON configuration
   *     alone
   * @param weights anything that {@link WeightStore#open} takes
   */
  public static KerasArchive open(Path path, Path weights, ArchiveLimits limits) {
    return Formats.open(path, weights, new Budget(limits));
  }

  /** The same model with other weights. */
  KerasArchive with(WeightStore newWeights) {
    return new KerasArchive(path, config, kerasVersion, newWeights, assets);
  }

  /** The file or directory that was opened. */
  public Path path() {
    return path;
  }

  /** The contents of {@code config.json}. */
  public JsonNode config() {
    return config.json();
  }

  /** The contents of {@code config.json}, byte for byte. */
  public byte[] configText() {
    return config.text();
  }

  /** The version of Keras that saved the model, as {@code 3.15.1}; empty where unknown. */
  public String kerasVersion() {
    return kerasVersion;
  }

  /** The weights. Those of legacy files are matched by order: {@link WeightStore#legacy}. */
  public WeightStore weights() {
    return weights;
  }

  /** An asset by its path below {@code assets/}: {@code layers/string_lookup/vocabulary.txt}. */
  public Optional<byte[]> asset(String assetPath) {
    return assets.find(assetPath);
  }

  /** The paths of all assets, in the archive's order. */
  public List<String> assetNames() {
    return assets.names();
  }

  /**
   * Lets go of the archive. Tensors that were read from it stay valid: the memory behind them is
   * released when the last of them is unreachable.
   */
  @Override
  public void close() {}
}
