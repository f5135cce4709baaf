package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Lists directories, no further than an archive may reach. */
final class FileTree {
  private FileTree() {}

  /** The names directly in a directory, sorted. */
  static List<String> names(Path directory, Budget budget) {
    try (Stream<Path> files = Files.list(directory)) {
      return limited(files, directory, budget).stream().map(Bytes::nameOf).sorted().toList();
    } catch (IOException e) {
      throw Bytes.unreadable(directory, e);
    }
  }

  /** All files below a directory as assets; none when there is no such directory. */
  static Assets assets(Path directory, Budget budget) {
    if (!Files.isDirectory(directory)) {
      return Assets.NONE;
    }
    Map<String, Path> assets = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory, budget.limits().maxGroupDepth())) {
      for (Path file : limited(files, directory, budget)) {
        if (Files.isRegularFile(file)) {
          budget.file(Bytes.nameOf(file), Files.size(file));
          assets.put(slashPath(directory.relativize(file)), file);
        }
      }
    } catch (IOException e) {
      throw Bytes.unreadable(directory, e);
    }
    return new DirectoryAssets(Collections.unmodifiableMap(assets));
  }

  private static List<Path> limited(Stream<Path> files, Path directory, Budget budget) {
    int limit = budget.limits().maxMembers();
    List<Path> found = files.limit(limit + 1L).toList();
    if (found.size() > limit) {
      throw AlphornException.resourceExhausted(
          "%s: more than the limit of %d files", Bytes.nameOf(directory), limit);
    }
    return found;
  }

  private static String slashPath(Path path) {
    StringBuilder slashed = new StringBuilder();
    for (Path name : path) {
      slashed.append(slashed.isEmpty() ? "" : "/").append(name);
    }
    return slashed.toString();
  }

  /** Only what was listed can be read, so that no path leads out of the directory. */
  private record DirectoryAssets(Map<String, Path> files) implements Assets {
    @Override
    public Optional<byte[]> find(String path) {
      return Optional.ofNullable(files.get(path)).map(DirectoryAssets::read);
    }

    private static byte[] read(Path file) {
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw Bytes.unreadable(file, e);
      }
    }

    @Override
    public List<String> names() {
      return List.copyOf(files.keySet());
    }
  }
}
