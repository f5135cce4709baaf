package io.alphorn.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.compiler.graph.Shape;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In processes of their own, for ONNX Runtime looks at its environment once. */
class TelemetryTest {
  /** Runs a model. */
  public static void main(String[] arguments) {
    try (LoadedModel model =
        new LoadedModel(Graphs.of(DType.FLOAT32, Shape.SCALAR, (g, x) -> g.add(x, x)))) {
      model.run(List.of(Tensor.ofFloats(new long[0], 1)));
    }
  }

  @Test
  void nothingIsReportedAndALongCommandLineDoesNoHarm(@TempDir Path home) throws Exception {
    assertThat(run(home)).isZero();
    try (var files = Files.list(home)) {
      assertThat(files).isEmpty();
    }
  }

  private static int run(Path home) throws IOException, InterruptedException {
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dpadding=" + "x".repeat(20_000),
            TelemetryTest.class.getName());
    java.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    java.environment().put("HOME", home.toString());
    java.environment().remove("XDG_CACHE_HOME");
    java.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    return java.start().waitFor();
  }
}
