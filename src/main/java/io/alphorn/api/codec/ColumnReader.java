package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.List;

/** Reads {@code inputs}: the value of the only input, or an object of inputs by name. */
final class ColumnReader {
  private final JsonParser parser;
  private final NamedReaders inputs;

  ColumnReader(JsonParser parser, List<JsonTensorReader> readers) {
    this.parser = parser;
    this.inputs = new NamedReaders(readers);
  }

  /** The tensors in the order of the readers. */
  List<Tensor> read() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      only().readItem(parser);
    } else if (inputs.beginsBase64(parser)) {
      only().readBase64Item(parser);
    } else {
      readNamed();
    }
    return inputs.tensors(JsonTensorReader::single);
  }

  private JsonTensorReader only() {
    if (inputs.size() > 1) {
      throw AlphornException.invalidArgument(
          "inputs is a plain value/list, but expecting an object as multiple input tensors required"
              + " as per tensorinfo_map");
    }
    return inputs.only();
  }

  /** Reads an object from its first key on. Names that the signature has not are passed over. */
  private void readNamed() throws IOException {
    while (parser.currentToken() == JsonToken.FIELD_NAME) {
      JsonTensorReader reader = inputs.take(parser.currentName());
      parser.nextToken();
      if (reader == null) {
        parser.skipChildren();
      } else {
        reader.readItem(parser);
      }
      parser.nextToken();
    }
    if (!inputs.isComplete()) {
      throw AlphornException.invalidArgument(
          "Missing named input: %s in 'inputs' object.", inputs.missing().getFirst());
    }
  }
}
