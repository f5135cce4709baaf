package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads the {@code data} of one input, whose shape is known: all elements in one list in row-major
 * order, or lists nested as the shape is. Values go straight into a direct buffer.
 */
final class InferenceDataReader {
  private static final int LEAST_CHARACTERS = 2;

  private final JsonSource source;
  private final String name;
  private final DType dtype;
  private final long[] shape;
  private final long size;
  private final JsonScalars scalars;
  private final ByteBuffer bytes;
  private final byte[][] strings;
  private int read;
  private boolean nested;

  InferenceDataReader(
      JsonSource source,
      String name,
      DType dtype,
      long[] shape,
      JsonLimits limits,
      BufferSource memory) {
    this.source = source;
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.size = ElementCount.of(name, shape, limits.maxElements());
    this.scalars = new JsonScalars(source, dtype);
    if (!InferenceDatatypes.hasJson(dtype)) {
      throw AlphornException.invalidArgument(
          "input '%s': sending %s data via JSON is not supported; use the binary tensor data"
              + " extension",
          name, InferenceDatatypes.name(dtype));
    }
    // Memory is taken for what has come, not for what a shape only claims.
    if (size > 1 + source.length() / LEAST_CHARACTERS) {
      throw wrongCount("fewer");
    }
    this.bytes = memory.allocate(size * dtype.bytes());
    this.strings = new byte[dtype == DType.STRING ? (int) size : 0][];
  }

  /** Reads the list that begins with the current token. */
  Tensor read(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw AlphornException.invalidArgument("input '%s': 'data' must be a list", name);
    }
    try {
      readList(parser, 0);
    } catch (AlphornException e) {
      throw new AlphornException(
          e.code(), "%s (input '%s', element %d)".formatted(e.getMessage(), name, read), e);
    }
    if (read < size) {
      throw wrongCount("only " + read);
    }
    return dtype == DType.STRING
        ? Tensor.ofStrings(shape, strings)
        : Tensor.of(dtype, shape, bytes.flip());
  }

  private void readList(JsonParser parser, int level) throws IOException {
    long count = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token == JsonToken.START_ARRAY) {
        requireNesting(level + 1 < shape.length && (nested || read == 0));
        nested = true;
        readList(parser, level + 1);
      } else {
        requireNesting(!nested || level == shape.length - 1);
        readElement(parser, token);
      }
      count++;
    }
    if (nested && count != shape[level]) {
      throw AlphornException.invalidArgument(
          "expected a list of %d at level %d, as shape %s has it, received one of %d",
          shape[level], level, Arrays.toString(shape), count);
    }
  }

  private void requireNesting(boolean fits) {
    if (!fits) {
      throw AlphornException.invalidArgument(
          "expected one flat list, or lists nested as shape %s is", Arrays.toString(shape));
    }
  }

  private void readElement(JsonParser parser, JsonToken token) throws IOException {
    if (read == size) {
      throw wrongCount("more");
    }
    if (dtype == DType.STRING) {
      strings[read] = string(parser, token);
    } else {
      scalars.number(parser, token, bytes);
    }
    read++;
  }

  private byte[] string(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      throw AlphornException.invalidArgument("%s is not a string", source.value(parser));
    }
    return parser.getText().getBytes(UTF_8);
  }

  private AlphornException wrongCount(String received) {
    return AlphornException.invalidArgument(
        "input '%s': shape %s needs %d elements, received %s",
        name, Arrays.toString(shape), size, received);
  }
}
