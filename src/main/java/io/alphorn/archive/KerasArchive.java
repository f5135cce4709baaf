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
  private final JsonNode config;
  private final String kerasVersion;
  private final WeightStore weights;
  private final Assets assets;

  KerasArchive(
      Path path, JsonNode config, String kerasVersion, WeightStore weights, Assets assets) {
    this.path = path;
    this.config = config;
    this.kerasVersion = kerasVersion;
    this.weights = weights;
    this.assets = assets;
  }

  /**
   * Opens a {@code .keras} archive.
   *
   * @throws io.alphorn.error.AlphornException INVALID_ARGUMENT when the file is not what Keras
   *     saves or is damaged; RESOURCE_EXHAUSTED when it goes beyond {@code limits}; UNIMPLEMENTED
   *     when it uses what Keras does not; NOT_FOUND when there is no such file
   */
  public static KerasArchive open(Path path, ArchiveLimits limits) {
    return KerasZip.open(path, Bytes.map(path, limits), new Budget(limits));
  }

  /** The file or directory that was opened. */
  public Path path() {
    return path;
  }

  /** The contents of {@code config.json}. */
  public JsonNode config() {
    return config;
  }

  /** The version of Keras that saved the model, as {@code 3.15.1}; empty where unknown. */
  public String kerasVersion() {
    return kerasVersion;
  }

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
