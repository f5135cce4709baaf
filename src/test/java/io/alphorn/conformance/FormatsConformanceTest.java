package io.alphorn.conformance;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.Bounds;
import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The same model gives the same numbers from every file that Keras 2 and Keras 3 save of it. */
class FormatsConformanceTest {
  @TestFactory
  Stream<DynamicContainer> everyFileGivesTheNumbersOfKeras() {
    return Stream.of("formats/keras2.15.0", "formats/keras3.15.1")
        .map(folder -> dynamicContainer(folder, files(folder)));
  }

  private static Stream<DynamicTest> files(String folder) {
    return StreamSupport.stream(manifest(folder).spliterator(), false)
        .flatMap(entry -> files(folder, entry));
  }

  /** One that Keras itself could not save stands in the manifest with its error, not as a text. */
  private static Stream<DynamicTest> files(String folder, JsonNode entry) {
    return StreamSupport.stream(entry.path("files").spliterator(), false)
        .filter(JsonNode::isTextual)
        .map(file -> dynamicTest(file.asText(), () -> check(folder, entry, file.asText())));
  }

  private static void check(String folder, JsonNode entry, String file) throws IOException {
    Map<String, Tensor> data = Npz.read(Corpus.file(folder + "/" + entry.path("data").asText()));
    Path config = Corpus.file(folder + "/" + entry.path("case").asText() + ".json");
    try (KerasArchive archive = open(Corpus.file(folder + "/" + file), config)) {
      List<Tensor> outputs = Prediction.outputs(archive, data);
      Prediction.compare(
          outputs, data, i -> Bounds.of(Objects.requireNonNull(data.get("out" + i)).dtype()));
    }
  }

  /** Weights alone are those of the model whose configuration lies beside them. */
  private static KerasArchive open(Path file, Path config) {
    boolean weights = file.toString().contains(".weights.");
    return weights
        ? KerasArchive.open(config, file, ArchiveLimits.defaults())
        : KerasArchive.open(file, ArchiveLimits.defaults());
  }

  private static JsonNode manifest(String folder) {
    try {
      return new ObjectMapper().readTree(Corpus.file(folder + "/manifest.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
