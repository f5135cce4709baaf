package io.alphorn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.Bounds;
import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every archive of the corpus, against the numbers that Keras gave. {@code exceptions.txt} lists
 * the few that differ, each with its reason; one that passes by now has to leave the list.
 */
class ConformanceTest {
  private static final Map<String, String> EXCEPTIONS = exceptions();

  @TestFactory
  Stream<DynamicTest> everyCaseGivesTheNumbersOfKeras() throws IOException {
    JsonNode manifest = new ObjectMapper().readTree(Corpus.file("dev/manifest.json").toFile());
    return StreamSupport.stream(manifest.spliterator(), false)
        .map(entry -> dynamicTest(entry.path("case").asText(), () -> check(entry)));
  }

  private static void check(JsonNode entry) throws IOException {
    String reason = EXCEPTIONS.get(entry.path("case").asText());
    if (reason == null) {
      predictAndCompare(entry);
      return;
    }
    Throwable difference = null;
    try {
      predictAndCompare(entry);
    } catch (AssertionError | RuntimeException e) {
      difference = e;
    }
    assertThat(difference).as("passes now; listed as: %s", reason).isNotNull();
  }

  private static void predictAndCompare(JsonNode entry) throws IOException {
    Map<String, Tensor> data = Npz.read(Corpus.file("dev/" + entry.path("data").asText()));
    Path archived = Corpus.file("dev/" + entry.path("archive").asText());
    try (KerasArchive archive = KerasArchive.open(archived, ArchiveLimits.defaults())) {
      List<Tensor> outputs = Prediction.outputs(archive, data);
      Prediction.compare(outputs, data, i -> bounds(entry, entry.path("outputs").get(i)));
    }
  }

  private static Bounds bounds(JsonNode entry, JsonNode output) {
    double tolerance = entry.path("tol").asDouble(0);
    return tolerance > 0
        ? new Bounds(tolerance, tolerance)
        : Bounds.of(DType.of(output.path("dtype").asText()));
  }

  private static Map<String, String> exceptions() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    ConformanceTest.class.getResourceAsStream("/conformance/exceptions.txt")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\t", 2))
          .collect(Collectors.toMap(fields -> fields[0], fields -> fields[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
