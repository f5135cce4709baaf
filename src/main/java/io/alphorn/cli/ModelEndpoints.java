package io.alphorn.cli;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The endpoints of a model on disk: what several commands take as an option. */
final class ModelEndpoints {
  @Option(
      names = "--endpoints",
      paramLabel = "FILE.json",
      description = "The document with the endpoints. Without it, endpoints.json beside the model.")
  private @Nullable Path file;

  /**
   * The document of the option; where it is not given the one beside the model, if there is one.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is none
   */
  EndpointDocument of(Path model) throws IOException {
    Path document = file == null ? beside(model) : file;
    return file == null && !Files.exists(document)
        ? EndpointDocument.empty()
        : EndpointDocument.read(Files.readAllBytes(document));
  }

  private static Path beside(Path model) {
    return Files.isDirectory(model)
        ? model.resolve(EndpointDocument.FILE)
        : model.resolveSibling(EndpointDocument.FILE);
  }
}
