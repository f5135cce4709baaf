package io.alphorn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Paths, order and trainability are those that Keras prints of {@code model.weights}. */
class VariableOrderTest {
  @Test
  void namesTheSublayersOfAttentionAsKerasDoes() {
    assertThat(paths("dt_float64_mha_ln"))
        .containsExactly(
            "multi_head_attention/query/kernel",
            "multi_head_attention/query/bias",
            "multi_head_attention/key/kernel",
            "multi_head_attention/key/bias",
            "multi_head_attention/value/kernel",
            "multi_head_attention/value/bias",
            "multi_head_attention/attention_output/kernel",
            "multi_head_attention/attention_output/bias",
            "layer_normalization/gamma",
            "layer_normalization/beta");
  }

  @Test
  void putsTheTrainableVariablesOfALayerFirst() {
    assertThat(paths("q_Dense_policy_int8_from_float32"))
        .containsExactly("dense/bias", "dense/kernel", "dense/kernel_scale");
    assertThat(paths("q_Dense_float8"))
        .startsWith("dense/inputs_scale", "dense/inputs_amax_history")
        .endsWith("dense/kernel", "dense/bias");
  }

  @Test
  void putsTheNamesOfNestedModelsInFront() {
    assertThat(paths("model_k3.12.0_autoencoder"))
        .containsExactly(
            "encoder/dense/kernel",
            "encoder/dense/bias",
            "encoder/z/kernel",
            "encoder/z/bias",
            "decoder/dense_2/kernel",
            "decoder/dense_2/bias",
            "decoder/dense_1/kernel",
            "decoder/dense_1/bias");
  }

  private static List<String> paths(String name) {
    try (KerasArchive archive =
        KerasArchive.open(Corpus.file("dev/" + name + ".keras"), ArchiveLimits.defaults())) {
      return new ModelCompiler()
          .compile(archive).variables().stream().map(ModelVariable::path).toList();
    }
  }
}
