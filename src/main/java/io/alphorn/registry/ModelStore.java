package io.alphorn.registry;

import io.alphorn.archive.ArchiveFolder;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder of models: {@code NAME/VERSION/}, each with an archive. A version appears and goes by
 * one rename, so that nobody ever sees a part of one; what is under way lies in {@code .staging}.
 */
final class ModelStore {
  private static final String STAGING = ".staging";
  private static final byte[] HDF5_MAGIC = {(byte) 0x89, 'H', 'D', 'F'};
  private static final int COPY_BYTES = 1 << 16;

  private final Path root;

  ModelStore(Path root) {
    this.root = root;
  }

  /** A new version that is on disk, but not yet in the store. */
  record Staged(Path folder, Path archive, EndpointDocument endpoints) {}

  /** The names of all models that have a version. */
  SortedSet<String> models() {
    SortedSet<String> names = new TreeSet<>();
    for (Path folder : list(root)) {
      String name = folder.getFileName().toString();
      if (ModelName.isLegal(name) && !versions(name).isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  SortedSet<Long> versions(String model) {
    SortedSet<Long> versions = new TreeSet<>();
    for (Path folder : list(root.resolve(model))) {
      String name = folder.getFileName().toString();
      if (name.matches("\\d{1,18}") && Files.isDirectory(folder)) {
        versions.add(Long.parseLong(name));
      }
    }
    return versions;
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path folder(String model, long version) {
    return root.resolve(model).resolve(Long.toString(version));
  }

  /** The archive in a version's folder, or the folder itself where it holds an unzipped one. */
  Path archive(String model, long version) {
    Path folder = folder(model, version);
    for (String name : List.of("model.keras", "model.h5")) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    return folder;
  }

  /** Changes when a file of the version comes, goes, or is written to. */
  String fingerprint(String model, long version) {
    try (Stream<Path> paths = Files.walk(folder(model, version))) {
      StringBuilder fingerprint = new StringBuilder();
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        fingerprint
            .append(path)
            .append(' ')
            .append(Files.size(path))
            .append(' ')
            .append(Files.getLastModifiedTime(path).toMillis())
            .append('\n');
      }
      return fingerprint.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes an archive to disk, beside the store's models.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when it is larger than {@code maxBytes} or the disk
   *     is full; INVALID_ARGUMENT when it is empty
   */
  Staged stage(InputStream body, long maxBytes, EndpointDocument endpoints) {
    return stage(
        endpoints,
        folder -> {
          Path file = folder.resolve("upload");
          byte[] start = copy(body, file, maxBytes);
          String name = Arrays.equals(start, HDF5_MAGIC) ? "model.h5" : "model.keras";
          return Files.move(file, folder.resolve(name));
        });
  }

  /** Fills the folder of a version that is to be, and gives the archive in it. */
  @FunctionalInterface
  private interface Filling {
    Path fill(Path folder) throws IOException;
  }

  private Staged stage(EndpointDocument endpoints, Filling filling) {
    Path folder = root.resolve(STAGING).resolve(UUID.randomUUID().toString());
    try {
      Files.createDirectories(folder);
      Path archive = filling.fill(folder);
      if (!endpoints.isEmpty()) {
        write(folder.resolve(EndpointDocument.FILE), endpoints.bytes());
      }
      return new Staged(folder, archive, endpoints);
    } catch (IOException e) {
      deleteQuietly(folder);
      throw cannotWrite(e);
    } catch (AlphornException e) {
      deleteQuietly(folder);
      throw e;
    }
  }

  /**
   * The endpoints that stand beside a version's archive.
   *
   * @throws AlphornException INVALID_ARGUMENT when the document is none
   */
  EndpointDocument endpoints(String model, long version) {
    Path document = folder(model, version).resolve(EndpointDocument.FILE);
    if (!Files.exists(document)) {
      return EndpointDocument.empty();
    }
    try {
      return EndpointDocument.read(Files.readAllBytes(document));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces a version's endpoints by one rename. */
  void putEndpoints(String model, long version, EndpointDocument endpoints) {
    Path folder = folder(model, version);
    Path document = folder.resolve(EndpointDocument.FILE);
    Path written = root.resolve(STAGING).resolve(UUID.randomUUID() + ".json");
    try {
      Files.createDirectories(root.resolve(STAGING));
      if (endpoints.isEmpty()) {
        Files.deleteIfExists(document);
      } else {
        write(written, endpoints.bytes());
        Files.move(written, document, StandardCopyOption.ATOMIC_MOVE);
      }
      sync(folder);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(bytes));
      channel.force(true);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * The same for weights alone, which become a version with the architecture of {@code base}.
   *
   * @throws AlphornException as {@link #stage}; INVALID_ARGUMENT when these are no weights
   */
  Staged stageWeights(InputStream body, long maxBytes, Path base, EndpointDocument endpoints) {
    ArchiveLimits limits = ArchiveLimits.defaults();
    try (KerasArchive architecture = KerasArchive.open(base, limits)) {
      return stage(
          endpoints,
          folder -> {
            Path weights = folder.resolve("upload");
            copy(body, weights, maxBytes);
            ArchiveFolder.write(architecture, weights, folder, limits);
            return folder;
          });
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
        writeFully(channel, ByteBuffer.wrap(buffer, 0, count));
      }
      channel.force(true);
    }
    if (written == 0) {
      throw AlphornException.invalidArgument(
          "the body is empty; expected a .keras archive or an .h5 file");
    }
    return start;
  }

  /**
   * Makes a staged version one of the store's, by one rename.
   *
   * @throws AlphornException ALREADY_EXISTS when there is such a version
   */
  void commit(Staged staged, String model, long version) {
    Path target = folder(model, version);
    try {
      Files.createDirectories(root.resolve(model));
      if (Files.exists(target)) {
        throw alreadyExists(model, version);
      }
      Files.move(staged.folder(), target, StandardCopyOption.ATOMIC_MOVE);
      sync(root.resolve(model));
    } catch (FileAlreadyExistsException e) {
      throw alreadyExists(model, version);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  static AlphornException alreadyExists(String model, long version) {
    return new AlphornException(
        ErrorCode.ALREADY_EXISTS,
        "version %d of model %s exists already".formatted(version, model));
  }

  void discard(Staged staged) {
    deleteQuietly(staged.folder());
  }

  /** Takes a version away by one rename, then deletes it. */
  void delete(String model, long version) {
    Path trash = root.resolve(STAGING).resolve(UUID.randomUUID().toString());
    try {
      Files.createDirectories(root.resolve(STAGING));
      Files.move(folder(model, version), trash, StandardCopyOption.ATOMIC_MOVE);
      Path parent = root.resolve(model);
      sync(parent);
      deleteQuietly(trash);
      if (versions(model).isEmpty() && list(parent).isEmpty()) {
        Files.delete(parent);
      }
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** Clears what an earlier process left half done. */
  void clean() {
    if (Files.isDirectory(root.resolve(STAGING)) && Files.isWritable(root)) {
      deleteQuietly(root.resolve(STAGING));
    }
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static AlphornException cannotWrite(IOException e) {
    String reason = e instanceof FileSystemException f ? String.valueOf(f.getReason()) : "";
    return new AlphornException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "the models' folder cannot be written to" + (reason.isEmpty() ? "" : ": " + reason),
        e);
  }

  /** A leftover in the staging folder harms nobody, and the next start clears it. */
  private static void deleteQuietly(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.getLogger(ModelStore.class.getName())
          .log(System.Logger.Level.WARNING, "cannot clear " + folder.getFileName(), e);
    }
  }
}
