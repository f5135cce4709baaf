package io.alphorn.registry.store;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files that are on disk, and not only in the kernel's memory, before anyone is told so. */
final class DurableFiles {
  private DurableFiles() {}

  /** Writes a file that is not there yet. */
  static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(bytes));
      channel.force(true);
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes a file's bytes, or the names in a folder, durable. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes all that is below a folder durable. */
  static void syncAll(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      sync(path);
    }
  }

  /** Deletes what harms nobody when it stays: the next start clears it. */
  static void deleteQuietly(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.getLogger(DurableFiles.class.getName())
          .log(System.Logger.Level.WARNING, "cannot clear " + folder.getFileName(), e);
    }
  }

  static AlphornException cannotWrite(IOException e) {
    String reason = e instanceof FileSystemException f ? String.valueOf(f.getReason()) : "";
    return new AlphornException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "the models' folder cannot be written to" + (reason.isEmpty() ? "" : ": " + reason),
        e);
  }
}
