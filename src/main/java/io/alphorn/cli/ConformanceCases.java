package io.alphorn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.LoadedModel;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * Predicts every case of a folder in one process. The folder holds {@code manifest.json} (a list of
 * cases with {@code case}, {@code archive}, {@code data} and {@code inputs}), the archives, and npz
 * files with {@code in0}, {@code in1}, …
 */
final class ConformanceCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How a run went. */
  record Summary(int cases, int predicted) {}

  private final ModelCompiler compiler = new ModelCompiler();
  private final Path cases;
  private final Path out;

  ConformanceCases(Path cases, Path out) {
    this.cases = cases;
    this.out = out;
  }

  /**
   * Writes {@code CASE.npz} with {@code out0}, {@code out1}, … for each case that could be
   * predicted, and {@code report.json} with one entry a case.
   *
   * @return how many cases there were, and how many could be predicted
   */
  Summary run() throws IOException {
    Files.createDirectories(out);
    JsonNode manifest = JSON.readTree(cases.resolve("manifest.json").toFile());
    List<ObjectNode> entries =
        StreamSupport.stream(manifest.spliterator(), true).map(this::report).toList();
    ArrayNode report = JSON.createArrayNode().addAll(entries);
    JSON.writerWithDefaultPrettyPrinter().writeValue(out.resolve("report.json").toFile(), report);
    int failed = (int) entries.stream().filter(entry -> entry.has("error")).count();
    return new Summary(entries.size(), entries.size() - failed);
  }

  private ObjectNode report(JsonNode manifestCase) {
    String name = manifestCase.path("case").asText();
    ObjectNode entry = JSON.createObjectNode().put("case", name);
    try {
      predict(manifestCase, name);
      return entry.put("status", "ok");
    } catch (AlphornException | IOException e) {
      return entry.put("status", "error").put("error", e.getMessage());
    } catch (RuntimeException e) {
      return entry.put("status", "error").put("error", "internal error: " + e);
    }
  }

  private void predict(JsonNode manifestCase, String name) throws IOException {
    Path archivePath = cases.resolve(manifestCase.path("archive").asText());
    try (KerasArchive archive = KerasArchive.open(archivePath, ArchiveLimits.defaults());
        LoadedModel model = new LoadedModel(compiler.compile(archive))) {
      Map<String, Tensor> data = Npz.read(cases.resolve(manifestCase.path("data").asText()));
      List<Tensor> outputs =
          model.run(PredictCommand.arrange(model.model().defaultEndpoint(), data));
      Map<String, Tensor> results = new LinkedHashMap<>();
      for (int i = 0; i < outputs.size(); i++) {
        results.put("out" + i, outputs.get(i));
      }
      Npz.write(out.resolve(name + ".npz"), results);
    }
  }
}
