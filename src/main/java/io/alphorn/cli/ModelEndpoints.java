package io.alphorn.cli;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The endpoints of a model on disk. */
final class ModelEndpoints {
  private ModelEndpoints() {}

  /**
   * The document at {@code file}; where none is given the one beside the model, if there is one.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is none
   */
  static EndpointDocument of(Path model, @Nullable Path file) throws IOException {
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
