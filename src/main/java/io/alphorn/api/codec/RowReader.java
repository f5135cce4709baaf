package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.List;

/** Reads {@code instances}: a list of values of the only input, or of objects of inputs by name. */
final class RowReader {
  private final JsonParser parser;
  private final JsonSource source;
  private final NamedReaders inputs;

  RowReader(JsonParser parser, JsonSource source, List<JsonTensorReader> readers) {
    this.parser = parser;
    this.source = source;
    this.inputs = new NamedReaders(readers);
  }

  /** The tensors in the order of the readers, with the rows along their first dimension. */
  List<Tensor> read() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s Expecting 'instances' to be an list/array", source.whole());
    }
    JsonToken first = parser.nextToken();
    if (first == JsonToken.END_ARRAY) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s No values in 'instances' array", source.whole());
    }
    if (first != JsonToken.START_OBJECT && inputs.size() > 1) {
      throw AlphornException.invalidArgument(
          "instances is a plain list, but expecting list of objects as multiple input tensors"
              + " required as per tensorinfo_map");
    }
    boolean named = false;
    int row = 0;
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      int start = source.position(parser);
      boolean base64 = token == JsonToken.START_OBJECT && inputs.beginsBase64(parser);
      boolean object = token == JsonToken.START_OBJECT && !base64;
      named = row == 0 ? object : named;
      if (object != named) {
        throw mixed(named, row);
      }
      if (object) {
        readObject(row, start);
      } else {
        readValue(row, base64);
      }
      row++;
    }
    return inputs.tensors(JsonTensorReader::batch);
  }

  private static AlphornException mixed(boolean named, int row) {
    return AlphornException.invalidArgument(
        named
            ? "Expecting object but got list at item %d of input list"
            : "Expecting value/list but got object at item %d of input list",
        row);
  }

  private void readValue(int row, boolean base64) throws IOException {
    try {
      if (base64) {
        only().readBase64Item(parser);
      } else {
        only().readItem(parser);
      }
    } catch (AlphornException e) {
      throw failed("Failed to process element: %d of 'instances' list.".formatted(row), e);
    }
  }

  private JsonTensorReader only() {
    if (inputs.size() > 1) {
      throw AlphornException.invalidArgument(
          "a plain value, but %d inputs are required: %s", inputs.size(), inputs.names());
    }
    return inputs.only();
  }

  /** Reads an object from its first key on, which must name every input and nothing else. */
  private void readObject(int row, int start) throws IOException {
    inputs.reset();
    while (parser.currentToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      try {
        JsonTensorReader reader = inputs.take(name);
        if (reader == null) {
          throw AlphornException.invalidArgument(
              "JSON object: does not have named input: %s", name);
        }
        reader.readItem(parser);
      } catch (AlphornException e) {
        throw failed(
            "Failed to process element: %d key: %s of 'instances' list.".formatted(row, name), e);
      }
      parser.nextToken();
    }
    if (!inputs.isComplete()) {
      throw AlphornException.invalidArgument(
          "Failed to process element: %d of 'instances' list. JSON object: %s keys must be equal"
              + " to: %s",
          row, source.between(start, source.end(parser)), String.join(",", inputs.names()));
    }
  }

  private static AlphornException failed(String place, AlphornException failure) {
    return new AlphornException(
        failure.code(),
        "%s Error: %s: %s".formatted(place, failure.code(), failure.getMessage()),
        failure);
  }
}
