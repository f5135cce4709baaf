package io.alphorn.conformance;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.alphorn.Bounds;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The project's own cases beside the corpus: models that the scripts beside them wrote. */
class OwnCasesTest {
  @TestFactory
  Stream<DynamicTest> everyModelGivesTheNumbersOfKeras() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(OwnCasesTest.class.getResource("/conformance/own"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      List<Path> models = files.filter(OwnCasesTest::isModel).sorted().toList();
      return models.stream().map(model -> dynamicTest(name(model), () -> check(model)));
    }
  }

  private static void check(Path model) throws IOException {
    String stem = name(model).substring(0, name(model).lastIndexOf('.'));
    Map<String, Tensor> data = Npz.read(model.resolveSibling(stem + ".npz"));
    try (KerasArchive archive = KerasArchive.open(model, ArchiveLimits.defaults())) {
      List<Tensor> outputs = Prediction.outputs(archive, data);
      Prediction.compare(
          outputs, data, i -> Bounds.of(Objects.requireNonNull(data.get("out" + i)).dtype()));
    }
  }

  private static boolean isModel(Path file) {
    return name(file).endsWith(".keras") || name(file).endsWith(".h5");
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
