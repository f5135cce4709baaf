package io.alphorn.cli;

import io.alphorn.api.drain.Drain;
import io.alphorn.error.AlphornException;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ArcContainer;
import io.quarkus.runtime.Quarkus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/**
 * {@code alphorn serve}: the server, until it is told to stop.
 *
 * <p>An option given here becomes the configuration property of the same meaning, and so wins over
 * the environment ({@code QUARKUS_HTTP_PORT}, {@code ALPHORN_MODELS}) and over configuration files.
 */
@Command(
    name = "serve",
    description = "Serves the models of a folder over REST and gRPC.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Runnable {
  /** What shells add to a signal's number for the exit code of a process that it ended. */
  private static final int SIGNALLED = 128;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description =
          "The folder with the models, as NAME/VERSION/model.keras. "
              + "Without it, the examples that come with Alphorn.")
  private @Nullable Path models;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "The port for REST (8501); 0 takes a free one.")
  private @Nullable Integer httpPort;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description = "The port for gRPC (8500); 0 takes a free one.")
  private @Nullable Integer grpcPort;

  @Override
  public void run() {
    if (models != null) {
      if (!Files.isDirectory(models)) {
        throw AlphornException.notFound("--models: expected a folder, but %s is none", models);
      }
      System.setProperty("alphorn.models", models.toAbsolutePath().toString());
    }
    setPort("quarkus.http.port", "--http-port", httpPort);
    setPort("quarkus.grpc.server.port", "--grpc-port", grpcPort);
    stopInOrder();
    Quarkus.run();
  }

  /**
   * The end of the process closes ONNX Runtime, beside all else that it runs at its end; a model
   * that is being loaded then would abort it. So a signal first finishes the requests, then stops
   * the server, which ends the process. A second signal does not wait for requests.
   */
  private static void stopInOrder() {
    AtomicBoolean stopping = new AtomicBoolean();
    for (String name : List.of("TERM", "INT")) {
      Signal.handle(
          new Signal(name),
          signal -> {
            int exitCode = SIGNALLED + signal.getNumber();
            if (stopping.getAndSet(true)) {
              Quarkus.asyncExit(exitCode);
            } else {
              Thread.ofPlatform().name("drain").start(() -> stop(exitCode));
            }
          });
    }
  }

  private static void stop(int exitCode) {
    try {
      ArcContainer container = Arc.container();
      if (container != null && container.isRunning()) {
        container.instance(Drain.class).get().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Quarkus.asyncExit(exitCode);
    }
  }

  private static void setPort(String property, String option, @Nullable Integer port) {
    if (port == null) {
      return;
    }
    if (port < 0 || port > 65535) {
      throw AlphornException.invalidArgument("%s: expected 0 to 65535, not %d", option, port);
    }
    System.setProperty(property, port.toString());
  }
}
