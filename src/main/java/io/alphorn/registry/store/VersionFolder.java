package io.alphorn.registry.store;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of one version on a local disk: an archive, and what stands beside it. */
public record VersionFolder(Path path) {
  /** A whole archive of Keras 3, or of Keras 2 in HDF5. */
  static final String KERAS = "model.keras";

  static final String HDF5 = "model.h5";

  /** The archive, or the folder itself where it holds an unzipped one. */
  public Path archive() {
    for (String name : List.of(KERAS, HDF5)) {
      Path file = path.resolve(name);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return path;
  }

  /**
   * The endpoints that stand beside the archive.
   *
   * @throws AlphornException INVALID_ARGUMENT when the document is none
   */
  public EndpointDocument endpoints() {
    try {
      return EndpointDocument.read(Files.readAllBytes(path.resolve(EndpointDocument.FILE)));
    } catch (NoSuchFileException e) {
      return EndpointDocument.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many bytes the files take. */
  public long size() {
    long size = 0;
    for (Path file : files()) {
      size += file.toFile().length();
    }
    return size;
  }

  /** All files, in order of their paths; none of a folder that is not there. */
  public List<Path> files() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(path)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
