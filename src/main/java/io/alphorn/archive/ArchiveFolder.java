package io.alphorn.archive;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * Lays out a model as an unzipped archive: the architecture of one file with the weights of
 * another, as {@code load_weights} would put them together.
 */
public final class ArchiveFolder {
  private static final String SHARD_SUFFIX = ".weights.h5";
  private static final String ARRAY_SUFFIX = ".npy";
  private static final long COPY_BYTES = 1 << 28;

  /** Configs hold infinities, which Python writes as bare words. */
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

  private final Path folder;
  private final Budget budget;

  private ArchiveFolder(Path folder, Budget budget) {
    this.folder = folder;
    this.budget = budget;
  }

  /**
   * Writes the configuration and the assets of {@code architecture} into {@code folder}, and moves
   * the weights there.
   *
   * @param weights {@code .weights.h5}, {@code .npz}, or a zip of a {@code .weights.json} with its
   *     shards
   * @throws AlphornException INVALID_ARGUMENT when {@code weights} is none of these
   */
  public static void write(
      KerasArchive architecture, Path weights, Path folder, ArchiveLimits limits)
      throws IOException {
    ArchiveFolder target = new ArchiveFolder(folder, new Budget(limits));
    target.takeWeights(weights);
    target.writeArchitecture(architecture);
  }

  private void takeWeights(Path weights) throws IOException {
    Bytes file = Bytes.map(weights, budget);
    if (Hdf5Superblock.isAt(file)) {
      Files.move(weights, folder.resolve(KerasZip.HDF5_WEIGHTS));
      return;
    }
    if (!ZipDirectory.isZip(file)) {
      throw notWeights();
    }
    ZipDirectory zip = ZipDirectory.read(file, budget);
    Set<String> names = zip.names();
    if (names.stream().allMatch(name -> name.endsWith(ARRAY_SUFFIX))) {
      Files.move(weights, folder.resolve(KerasZip.NPZ_WEIGHTS));
    } else if (names.stream().allMatch(ArchiveFolder::isOfShards)) {
      for (String name : names) {
        copy(zip.checkedContents(name).orElseThrow(), folder.resolve(name));
      }
      Files.delete(weights);
    } else {
      throw notWeights();
    }
  }

  /** A file that stands beside the others, not in a folder. */
  private static boolean isOfShards(String name) {
    return !name.contains("/")
        && (name.endsWith(ShardedWeights.SUFFIX) || name.endsWith(SHARD_SUFFIX));
  }

  private static AlphornException notWeights() {
    return AlphornException.invalidArgument(
        "weights alone expected: a .weights.h5, an .npz, or a zip of a .weights.json with its"
            + " shards. A whole model is uploaded without a base");
  }

  private void writeArchitecture(KerasArchive architecture) throws IOException {
    JsonNode metadata =
        JsonNodeFactory.instance.objectNode().put("keras_version", architecture.kerasVersion());
    Files.write(folder.resolve(KerasZip.CONFIG), JSON.writeValueAsBytes(architecture.config()));
    Files.write(folder.resolve(KerasZip.METADATA), JSON.writeValueAsBytes(metadata));
    List<String> assets = architecture.assetNames();
    for (String asset : assets) {
      Path file = folder.resolve(KerasZip.ASSETS + asset);
      Files.createDirectories(file.resolveSibling(""));
      Files.write(file, architecture.asset(asset).orElseThrow());
    }
  }

  private static void copy(Bytes source, Path target) throws IOException {
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long offset = 0; offset < source.size(); ) {
        long length = Math.min(COPY_BYTES, source.size() - offset);
        ByteBuffer chunk = source.slice(offset, length).buffer();
        while (chunk.hasRemaining()) {
          channel.write(chunk);
        }
        offset += length;
      }
    }
  }
}
