package io.alphorn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("Usage: alphorn", "serve");
  }

  @Test
  void aCallWithoutACommandIsWrong() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Missing required subcommand", "Usage: alphorn");
  }

  @Test
  void anExpectedErrorIsOneLine(@TempDir Path folder) {
    Path missing = folder.resolve("missing");

    assertThat(run("serve", "--models", missing.toString())).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "alphorn: --models: expected a folder, but " + missing + " is none\n");
  }

  @Test
  void aPortOutOfRangeIsRefused() {
    assertThat(run("serve", "--http-port", "70000")).isEqualTo(1);
    assertThat(err.toString()).contains("--http-port: expected 0 to 65535, not 70000");
  }

  private int run(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
