package io.alphorn.registry.store;

import io.alphorn.endpoint.EndpointDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder of models: {@code NAME/VERSION/}, each with an archive, and {@code NAME/settings.json}.
 * A version appears and goes by one rename; what is under way lies in {@code .staging}.
 */
public final class DirectoryStore implements ModelStore {
  private static final String STAGING = ".staging";
  private static final String SETTINGS = "settings.json";

  private final Path root;
  private final Staging staging;

  public DirectoryStore(Path root) {
    this.root = root;
    this.staging = new Staging(root.resolve(STAGING));
  }

  @Override
  public SortedSet<String> models() {
    SortedSet<String> names = new TreeSet<>();
    for (Path folder : list(root)) {
      String name = folder.getFileName().toString();
      if (ModelName.isLegal(name) && !versions(name).isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  @Override
  public SortedSet<Long> versions(String model) {
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

  @Override
  public VersionFolder folder(String model, long version) {
    return new VersionFolder(path(model, version));
  }

  private Path path(String model, long version) {
    return root.resolve(model).resolve(Long.toString(version));
  }

  @Override
  public String fingerprint(String model, long version) {
    StringBuilder fingerprint = new StringBuilder();
    try {
      for (Path path : folder(model, version).files()) {
        fingerprint
            .append(path)
            .append(' ')
            .append(Files.size(path))
            .append(' ')
            .append(Files.getLastModifiedTime(path).toMillis())
            .append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return fingerprint.toString();
  }

  @Override
  public Staging staging(String model) {
    return staging;
  }

  @Override
  public void commit(VersionFolder staged, String model, long version) {
    Path target = path(model, version);
    try {
      DurableFiles.syncAll(staged.path());
      Files.createDirectories(root.resolve(model));
      if (Files.exists(target)) {
        throw ModelStore.alreadyExists(model, version);
      }
      move(staged.path(), target, model, version);
      DurableFiles.sync(root.resolve(model));
      DurableFiles.sync(root);
    } catch (IOException e) {
      throw DurableFiles.cannotWrite(e);
    }
  }

  /** The kernel renames no folder onto one that has files: the second of two writers fails. */
  private static void move(Path staged, Path target, String model, long version)
      throws IOException {
    try {
      Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(target)) {
        throw ModelStore.alreadyExists(model, version);
      }
      throw e;
    }
  }

  @Override
  public void putEndpoints(String model, long version, EndpointDocument endpoints) {
    Path folder = path(model, version);
    if (endpoints.isEmpty()) {
      remove(folder, EndpointDocument.FILE);
    } else {
      replace(folder, EndpointDocument.FILE, endpoints.bytes());
    }
  }

  private void replace(Path folder, String name, byte[] bytes) {
    try {
      Path written = staging.write(bytes);
      Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.sync(folder);
    } catch (IOException e) {
      throw DurableFiles.cannotWrite(e);
    }
  }

  private static void remove(Path folder, String name) {
    try {
      if (Files.deleteIfExists(folder.resolve(name))) {
        DurableFiles.sync(folder);
      }
    } catch (IOException e) {
      throw DurableFiles.cannotWrite(e);
    }
  }

  /** Takes a version away by one rename, then deletes it. */
  @Override
  public void delete(String model, long version) {
    try {
      Path trash = staging.newFolder();
      Files.move(path(model, version), trash, StandardCopyOption.ATOMIC_MOVE);
      Path parent = root.resolve(model);
      DurableFiles.sync(parent);
      DurableFiles.deleteQuietly(trash);
      if (list(parent).isEmpty()) {
        Files.delete(parent);
      }
    } catch (IOException e) {
      throw DurableFiles.cannotWrite(e);
    }
  }

  @Override
  public Optional<byte[]> settings(String model) {
    try {
      return Optional.of(Files.readAllBytes(root.resolve(model).resolve(SETTINGS)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void putSettings(String model, byte[] settings) {
    replace(root.resolve(model), SETTINGS, settings);
  }

  @Override
  public void deleteSettings(String model) {
    remove(root.resolve(model), SETTINGS);
  }

  /** Clears what an earlier process left half done. */
  public void clean() {
    staging.clean();
  }
}
