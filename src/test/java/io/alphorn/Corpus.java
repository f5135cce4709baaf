package io.alphorn;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The conformance corpus: archives that real Keras wrote, with what real Keras answers. It is
 * unpacked once a test run.
 */
public final class Corpus {
  private static final String RESOURCE = "/conformance/corpus.zip";

  private static final class Holder {
    static final Path ROOT = unpack();
  }

  private Corpus() {}

  /** A file of the corpus, as {@code dev/act_elu.keras}. */
  public static Path file(String path) {
    Path file = Holder.ROOT.resolve(path);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("the corpus has no " + path);
    }
    return file;
  }

  /** All files of a folder whose names end in {@code suffix}, sorted. */
  public static List<Path> files(String folder, String suffix) {
    try (var files = Files.list(file(folder))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path unpack() {
    try (InputStream resource = Corpus.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException("no " + RESOURCE + " on the class path");
      }
      Path root = Files.createTempDirectory("alphorn-corpus");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(root)));
      unpack(new ZipInputStream(resource), root);
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void unpack(ZipInputStream zip, Path root) throws IOException {
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      if (!entry.isDirectory()) {
        Path target = root.resolve(entry.getName());
        Files.createDirectories(target.getParent());
        Files.copy(zip, target);
      }
    }
  }

  private static void delete(Path root) {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
