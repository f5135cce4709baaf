package io.alphorn.compiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.EndpointDocument;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Endpoints share the parts of a model that they both need, and nothing else runs for them. */
class EndpointSharingTest {
  private static final CompiledModel MODEL =
      compile(
          """
          {"endpoints": [
            {"name": "encode", "target": "encoder"},
            {"name": "decode", "target": "decoder"},
            {"name": "sized", "target": "decoder", "inputs": [{"name": "%s", "shape": [4, %d]}]}]}
          """);

  private static CompiledModel compile(String document) {
    try (KerasArchive archive =
        KerasArchive.open(
            Corpus.file("dev/model_k3.12.0_autoencoder.keras"), ArchiveLimits.defaults())) {
      TensorSpec code = code(archive);
      String filled = document.formatted(code.name(), code.shape().size(1));
      EndpointDocument endpoints = EndpointDocument.read(filled.getBytes(UTF_8));
      return new ModelCompiler().compile(archive, endpoints.endpoints());
    }
  }

  /** What the decoder takes. */
  private static TensorSpec code(KerasArchive archive) {
    EndpointDocument decoder =
        EndpointDocument.read(
            "{\"endpoints\": [{\"name\": \"d\", \"target\": \"decoder\"}]}".getBytes(UTF_8));
    return new ModelCompiler()
        .compile(archive, decoder.endpoints())
        .endpoint("d")
        .inputs()
        .getFirst();
  }

  @Test
  void theWholeRunsTheStagesOfItsParts() {
    List<Stage> parts = new ArrayList<>(MODEL.endpoint("encode").stages());
    parts.addAll(MODEL.endpoint("decode").stages());
    assertThat(MODEL.endpoint("serve").stages()).containsExactlyElementsOf(parts);
  }

  @Test
  void noWeightIsInTwoStagesOfThem() {
    List<Value> weights = new ArrayList<>();
    for (Stage stage : MODEL.endpoint("serve").stages()) {
      if (stage instanceof Stage.OnnxGraph(var graph)) {
        graph
            .constants()
            .forEach(
                (value, constant) -> {
                  if (!(constant instanceof Constant.Literal)) {
                    weights.add(value);
                  }
                });
      }
    }
    assertThat(weights).isNotEmpty().doesNotHaveDuplicates();
  }

  @Test
  void anotherShapeIsAnotherCall() {
    CompiledEndpoint sized = MODEL.endpoint("sized");
    assertThat(sized.inputs().getFirst().shape().size(0)).isEqualTo(4);
    assertThat(sized.stages()).doesNotContainAnyElementsOf(MODEL.endpoint("serve").stages());
  }

  @Test
  void theFirstEndpointIsTheDefault() {
    assertThat(MODEL.find("")).contains(MODEL.endpoint("serve"));
    assertThat(MODEL.find("serving_default")).contains(MODEL.endpoint("serve"));
    assertThat(MODEL.find("nobody")).isEmpty();
    assertThat(MODEL.names())
        .containsExactly("serve", "encode", "decode", "sized", "serving_default");
  }
}
