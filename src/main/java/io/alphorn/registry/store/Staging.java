package io.alphorn.registry.store;

import io.alphorn.archive.ArchiveFolder;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;

/**
 * A local folder where new versions are gathered, each in a folder of its own, until a store takes
 * them. What lies here is nobody's version yet.
 */
public final class Staging {
  private static final byte[] HDF5_MAGIC = {(byte) 0x89, 'H', 'D', 'F'};
  private static final int COPY_BYTES = 1 << 16;

  private final Path root;

  public Staging(Path root) {
    this.root = root;
  }

  /** Fills the folder of a version that is to be. */
  @FunctionalInterface
  private interface Filling {
    void fill(Path folder) throws IOException;
  }

  /**
   * Writes an archive to disk.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when it is larger than {@code maxBytes} or the disk
   *     is full; INVALID_ARGUMENT when it is empty
   */
  public VersionFolder stage(InputStream body, long maxBytes, EndpointDocument endpoints) {
    return stage(
        endpoints,
        folder -> {
          Path file = folder.resolve("upload");
          byte[] start = copy(body, file, maxBytes);
          boolean hdf5 = Arrays.equals(start, HDF5_MAGIC);
          Files.move(file, folder.resolve(hdf5 ? VersionFolder.HDF5 : VersionFolder.KERAS));
        });
  }

  /**
   * Writes weights alone to disk, as a version with the architecture of the archive {@code base}.
   *
   * @throws AlphornException as {@link #stage}; INVALID_ARGUMENT when these are no weights
   */
  public VersionFolder stageWeights(
      InputStream body, long maxBytes, Path base, EndpointDocument endpoints) {
    ArchiveLimits limits = ArchiveLimits.defaults();
    try (KerasArchive architecture = KerasArchive.open(base, limits)) {
      return stage(
          endpoints,
          folder -> {
            Path weights = folder.resolve("upload");
            copy(body, weights, maxBytes);
            ArchiveFolder.write(architecture, weights, folder, limits);
          });
    }
  }

  private VersionFolder stage(EndpointDocument endpoints, Filling filling) {
    Path folder = newPath();
    try {
      Files.createDirectories(folder);
      filling.fill(folder);
      if (!endpoints.isEmpty()) {
        DurableFiles.write(folder.resolve(EndpointDocument.FILE), endpoints.bytes());
      }
      return new VersionFolder(folder);
    } catch (IOException e) {
      DurableFiles.deleteQuietly(folder);
      throw DurableFiles.cannotWrite(e);
    } catch (AlphornException e) {
      DurableFiles.deleteQuietly(folder);
      throw e;
    }
  }

  /** Copies and syncs; gives the first four bytes. */
  private static byte[] copy(InputStream body, Path file, long maxBytes) throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    byte[] start = new byte[HDF5_MAGIC.length];
    long written = 0;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        if (written == 0) {
          System.arraycopy(buffer, 0, start, 0, Math.min(count, start.length));
        }
        written += count;
        if (written > maxBytes) {
          throw AlphornException.resourceExhausted(
              "the archive is larger than %d bytes, which is the limit (alphorn.max-upload-bytes)",
              maxBytes);
        }
        DurableFiles.writeFully(channel, ByteBuffer.wrap(buffer, 0, count));
      }
      channel.force(true);
    }
    if (written == 0) {
      throw AlphornException.invalidArgument(
          "the body is empty; expected a .keras archive or an .h5 file");
    }
    return start;
  }

  /** Forgets a version that is not to be. */
  public void discard(VersionFolder staged) {
    DurableFiles.deleteQuietly(staged.path());
  }

  /** An empty folder in here. */
  Path newFolder() throws IOException {
    return Files.createDirectories(newPath());
  }

  private Path newPath() {
    return root.resolve(UUID.randomUUID().toString());
  }

  /**
   * Writes a file that is to take another's place.
   *
   * @return where it lies meanwhile
   */
  Path write(byte[] bytes) throws IOException {
    Files.createDirectories(root);
    Path file = newPath();
    DurableFiles.write(file, bytes);
    return file;
  }

  /** Clears what an earlier process left half done. */
  public void clean() {
    if (Files.isDirectory(root) && Files.isWritable(root)) {
      DurableFiles.deleteQuietly(root);
    }
  }
}
