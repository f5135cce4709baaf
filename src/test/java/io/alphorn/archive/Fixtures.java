package io.alphorn.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files of src/test/resources/archive, which make_cases.py there wrote with h5py and NumPy. */
final class Fixtures {
  private Fixtures() {}

  static Path file(String path) {
    try {
      URL url = Objects.requireNonNull(Fixtures.class.getResource("/archive/" + path), path);
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<Path> files(String folder) {
    try (Stream<Path> files = Files.list(file(folder))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What h5py or NumPy reads from a file: an object for each array. */
  static List<JsonNode> expected(String name) {
    try {
      List<JsonNode> arrays = new ArrayList<>();
      for (JsonNode array : new ObjectMapper().readTree(file("expected.json").toFile())) {
        if (array.path("file").asText().equals(name)) {
          arrays.add(array);
        }
      }
      return arrays;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes that lie in no file. */
  static Bytes inMemory(byte[] content) {
    return Bytes.of("test", MemorySegment.ofArray(content));
  }

  static Budget budget() {
    return new Budget(ArchiveLimits.defaults());
  }

  /** Reads every array of a store and returns how many there are. */
  static int readAll(WeightStore weights) {
    return readAll(weights, "");
  }

  private static int readAll(WeightStore weights, String group) {
    String prefix = group.isEmpty() ? "" : group + "/";
    int count = 0;
    for (String name : weights.tensors(group)) {
      weights.find(prefix + name).orElseThrow().read();
      count++;
    }
    for (String name : weights.groups(group)) {
      count += readAll(weights, prefix + name);
    }
    return count;
  }
}
