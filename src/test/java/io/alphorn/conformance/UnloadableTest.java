package io.alphorn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.Bounds;
import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Archives that Keras wrote and did not load again. {@code make_cases.py} beside the expected
 * numbers tells how Keras got them all the same.
 */
class UnloadableTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "model_k3.0.5_autoencoder",
        "model_k3.0.5_ops_operators",
        "model_k3.0.5_recommender",
        "model_k3.0.5_siamese",
        "model_k3.0.5_timeseries_lstm",
        "q_MHA_float8",
        "q_MHA_int4",
        "q_MHA_int8",
        "sw_RandomShear_x_factor-0.1_y_factor-0.1_r3"
      })
  void servesWhatCanBeUnderstood(String name) throws IOException, URISyntaxException {
    Map<String, Tensor> data = expected(name);
    try (KerasArchive archive = open(name)) {
      List<Tensor> outputs = Prediction.outputs(archive, data);
      Prediction.compare(
          outputs, data, i -> Bounds.of(Objects.requireNonNull(data.get("out" + i)).dtype()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "op_cond | layer 'cond' (Cond): Cond takes a function of Python, which is never executed."
            + " Use ops.where in its place",
        "sw_Activation_lambda | layer 'activation' (Activation): argument 'activation' is a Python"
            + " lambda, saved as bytecode, which is never executed",
        "sw_Lambda_mean | layer 'lambda' (Lambda): argument 'function' is a Python lambda, saved as"
            + " bytecode, which is never executed. Use a built-in activation or layer, or calls of"
            + " keras.ops"
      })
  void refusesPythonCodeWithTheWayOut(String name, String message) {
    try (KerasArchive archive = open(name)) {
      assertThatThrownBy(() -> new ModelCompiler().compile(archive))
          .isInstanceOfSatisfying(
              AlphornException.class,
              error -> assertThat(error.code()).isEqualTo(ErrorCode.UNIMPLEMENTED))
          .hasMessageStartingWith(message);
    }
  }

  @Test
  void everyArchiveIsServedOrRefused() {
    Stream<String> names =
        Corpus.files("unloadable", ".keras").stream()
            .map(file -> file.getFileName().toString().replace(".keras", ""));
    assertThat(names).hasSize(12);
  }

  private static KerasArchive open(String name) {
    return KerasArchive.open(
        Corpus.file("unloadable/" + name + ".keras"), ArchiveLimits.defaults());
  }

  private static Map<String, Tensor> expected(String name) throws IOException, URISyntaxException {
    URL file =
        Objects.requireNonNull(
            UnloadableTest.class.getResource("/conformance/unloadable/" + name + ".npz"), name);
    return Npz.read(Path.of(file.toURI()));
  }
}
