package io.alphorn.compiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.graph.Node;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.endpoint.TrainingMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which calls train, and what endpoints of different modes have in common. */
class TrainingModeTest {
  /** LSTM, Dropout, Bidirectional, Dense. */
  private static final CompiledModel MODEL =
      compile(
          """
          {"endpoints": [
            {"name": "sample", "training": true},
            {"name": "recorded", "training": "recorded"}]}
          """);

  private static CompiledModel compile(String document) {
    try (KerasArchive archive =
        KerasArchive.open(
            Corpus.file("dev/model_k3.10.0_timeseries_lstm.keras"), ArchiveLimits.defaults())) {
      EndpointDocument endpoints = EndpointDocument.read(document.getBytes(UTF_8));
      return new ModelCompiler().compile(archive, endpoints.endpoints());
    }
  }

  private static boolean draws(CompiledEndpoint endpoint) {
    return endpoint.stages().stream()
        .filter(Stage.OnnxGraph.class::isInstance)
        .map(Stage.OnnxGraph.class::cast)
        .flatMap(stage -> stage.graph().nodes().stream())
        .anyMatch(Node::isRandom);
  }

  @Test
  void onlyTrainingDraws() {
    assertThat(draws(MODEL.endpoint("serve"))).isFalse();
    assertThat(draws(MODEL.endpoint("sample"))).isTrue();
  }

  @Test
  void whatComesBeforeDropoutRunsOnceForBoth() {
    List<Stage> serve = MODEL.endpoint("serve").stages();
    List<Stage> sample = MODEL.endpoint("sample").stages();
    assertThat(sample.getFirst()).isEqualTo(serve.getFirst());
    assertThat(sample.getLast()).isNotEqualTo(serve.getLast());
  }

  @Test
  void aModelWhoseCallsDoNotTrainIsTheSameAsRecorded() {
    assertThat(draws(MODEL.endpoint("recorded"))).isFalse();
  }

  @Test
  void aModelHandsItsArgumentToAllCalls() {
    assertThat(new TrainingContext(TrainingMode.TRAINING).resolve(false, null)).isTrue();
    assertThat(new TrainingContext(TrainingMode.INFERENCE).resolve(true, true)).isFalse();
  }

  @Test
  void withoutOneEachCallDecides() {
    TrainingContext context = new TrainingContext(TrainingMode.RECORDED);
    assertThat(context.resolve(null, null)).isNull();
    assertThat(context.resolve(null, true)).isTrue();
    assertThat(context.resolve(false, true)).isFalse();
    assertThat(context.resolve(null, null)).as("as the call before it").isFalse();
    assertThat(context.<Boolean>giving(true, () -> context.resolve(false, null)))
        .as("in a model that was called with training=True")
        .isTrue();
  }
}
