package io.alphorn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program as an operator runs it: a process that serves until it is told to stop. */
@Timeout(60)
class ServeIT {
  private static final Pattern LISTENING = Pattern.compile("Listening on: http://[^:]+:(\\d+)");

  private Process server;

  @BeforeEach
  void start() throws IOException {
    server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                Path.of("target", "quarkus-app", "quarkus-run.jar").toString(),
                "serve",
                "--http-port=0",
                "--grpc-port=0")
            .redirectErrorStream(true)
            .start();
  }

  @AfterEach
  void stop() {
    server.destroyForcibly();
  }

  @Test
  void servesUntilItIsToldToStop() throws Exception {
    int port = awaitPort();

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/q/health/live")).build();
      assertThat(client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    }

    server.destroy();
    assertThat(server.waitFor()).as("exit code after SIGTERM").isEqualTo(128 + 15);
  }

  /** Reads the log until it tells the port. */
  private int awaitPort() throws IOException {
    BufferedReader log = server.inputReader();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        return Integer.parseInt(listening.group(1));
      }
    }
    throw new AssertionError("the server ended before it listened");
  }
}
