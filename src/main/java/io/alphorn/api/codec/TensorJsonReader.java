package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Reads one tensor from nested JSON arrays, number by number into a direct buffer. What may stand
 * for an element of each type follows TensorFlow Serving's {@code json_tensor.cc}.
 */
final class TensorJsonReader {
  private static final int UNKNOWN = -1;
  private static final int SMALLEST_BYTES = 64;

  private final TensorSpec spec;
  private final JsonLimits limits;
  private final long[] dims;
  private final List<byte[]> strings = new ArrayList<>();
  private ByteBuffer bytes;
  private int rank = UNKNOWN;
  private long rows;
  private long elements;

  TensorJsonReader(TensorSpec spec, JsonLimits limits) {
    this.spec = spec;
    this.limits = limits;
    this.dims = new long[limits.maxDepth() + 2];
    Arrays.fill(dims, UNKNOWN);
    this.bytes = allocate(expectedBytes(spec));
  }

  /** One row of a fixed shape fits without growing. */
  private static int expectedBytes(TensorSpec spec) {
    long size = spec.dtype().bytes();
    for (long dimension : spec.shape().sizes()) {
      size *= Math.max(1, dimension);
    }
    return (int) Math.clamp(size, SMALLEST_BYTES, 1 << 24);
  }

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the whole tensor from the value at which the parser stands. */
  void readWhole(JsonParser json) throws IOException {
    read(json, 0);
  }

  /** Reads one more row, along the first axis. */
  void readRow(JsonParser json) throws IOException {
    rows++;
    dims[0] = rows;
    read(json, 1);
  }

  private void read(JsonParser json, int depth) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      requireDepth(depth);
      element(json);
      return;
    }
    if (depth > limits.maxDepth()) {
      throw AlphornException.invalidArgument(
          "JSON of input '%s' is nested deeper than %d", spec.name(), limits.maxDepth());
    }
    long count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      read(json, depth + 1);
      count++;
    }
    if (count == 0 && rank == UNKNOWN) {
      rank = depth + 1;
    }
    if (dims[depth] == UNKNOWN) {
      dims[depth] = count;
    } else if (dims[depth] != count) {
      throw ragged(
          "a list of %d at depth %d where others have %d".formatted(count, depth, dims[depth]));
    }
  }

  private void requireDepth(int depth) {
    if (rank == UNKNOWN) {
      rank = depth;
    } else if (rank != depth) {
      throw ragged("a value at depth %d where others are at depth %d".formatted(depth, rank));
    }
  }

  private AlphornException ragged(String found) {
    return AlphornException.invalidArgument(
        "input '%s': expected all lists to have the same shape, found %s (element %d)",
        spec.name(), found, elements);
  }

  private void element(JsonParser json) throws IOException {
    if (++elements > limits.maxElements()) {
      throw AlphornException.resourceExhausted(
          "input '%s' has more than %d elements, which is the limit",
          spec.name(), limits.maxElements());
    }
    switch (spec.dtype()) {
      case FLOAT32 -> reserve(Float.BYTES).putFloat((float) real(json));
      case FLOAT64 -> reserve(Double.BYTES).putDouble(real(json));
      case INT8 -> reserve(1).put((byte) integer(json, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> reserve(1).put((byte) integer(json, 0, 0xFF));
      case INT16 ->
          reserve(Short.BYTES).putShort((short) integer(json, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT16 -> reserve(Short.BYTES).putShort((short) integer(json, 0, 0xFFFF));
      case INT32 ->
          reserve(Integer.BYTES).putInt((int) integer(json, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT32 -> reserve(Integer.BYTES).putInt((int) integer(json, 0, 0xFFFF_FFFFL));
      case INT64 -> reserve(Long.BYTES).putLong(integer(json, Long.MIN_VALUE, Long.MAX_VALUE));
      case UINT64 -> reserve(Long.BYTES).putLong(unsigned(json));
      case BOOL -> reserve(1).put(bool(json));
      case STRING -> strings.add(string(json));
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 ->
          throw AlphornException.unimplemented(
              "input '%s': %s has no form in JSON; send it over gRPC or as binary data",
              spec.name(), spec.dtype());
    }
  }

  private ByteBuffer reserve(int size) {
    if (bytes.remaining() < size) {
      ByteBuffer larger = allocate(Math.multiplyExact(bytes.capacity(), 2));
      bytes = larger.put(bytes.flip());
    }
    return bytes;
  }

  private double real(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> json.getDoubleValue();
      default -> throw mismatch(json);
    };
  }

  private long integer(JsonParser json, long lowest, long highest) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw mismatch(json);
    }
    long value = json.getLongValue();
    if (value < lowest || value > highest) {
      throw mismatch(json);
    }
    return value;
  }

  private long unsigned(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw mismatch(json);
    }
    try {
      return Long.parseUnsignedLong(json.getText());
    } catch (NumberFormatException e) {
      throw mismatch(json);
    }
  }

  private byte bool(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> 1;
      case VALUE_FALSE -> 0;
      default -> throw mismatch(json);
    };
  }

  /** A string as it is, or any bytes as {@code {"b64": …}}. */
  private byte[] string(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText().getBytes(UTF_8);
    }
    if (json.currentToken() != JsonToken.START_OBJECT
        || json.nextToken() != JsonToken.FIELD_NAME
        || !json.currentName().equals("b64")
        || json.nextToken() != JsonToken.VALUE_STRING) {
      throw mismatch(json);
    }
    String encoded = json.getText();
    if (json.nextToken() != JsonToken.END_OBJECT) {
      throw mismatch(json);
    }
    return decoded(encoded);
  }

  /** Reads one more row, a scalar given in base64. */
  void readBase64Row(String encoded) {
    if (spec.dtype() != DType.STRING) {
      throw AlphornException.invalidArgument(
          "JSON Value: {\"b64\": …} Type: Object is not of expected type: %s (input '%s')",
          tensorflowName(), spec.name());
    }
    rows++;
    dims[0] = rows;
    requireDepth(1);
    elements++;
    strings.add(decoded(encoded));
  }

  private byte[] decoded(String encoded) {
    try {
      return Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      throw AlphornException.invalidArgument(
          "input '%s': Unable to base64 decode element %d", spec.name(), elements - 1);
    }
  }

  private AlphornException mismatch(JsonParser json) throws IOException {
    String type =
        switch (json.currentToken()) {
          case VALUE_STRING -> "String";
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "Number";
          case VALUE_TRUE, VALUE_FALSE -> "Boolean";
          case VALUE_NULL -> "Null";
          case START_ARRAY, END_ARRAY -> "Array";
          default -> "Object";
        };
    return AlphornException.invalidArgument(
        "JSON Value: %s Type: %s is not of expected type: %s (input '%s', element %d)",
        shortened(json.getText()), type, tensorflowName(), spec.name(), elements - 1);
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 37) + "...";
  }

  private String tensorflowName() {
    return switch (spec.dtype()) {
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      default -> spec.dtype().name().toLowerCase(Locale.ROOT);
    };
  }

  Tensor finish() {
    long[] shape = Arrays.copyOf(dims, Math.max(rank, 0));
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.max(shape[i], 0);
    }
    return spec.dtype() == DType.STRING
        ? Tensor.ofStrings(shape, strings.toArray(byte[][]::new))
        : Tensor.of(spec.dtype(), shape, bytes.flip());
  }
}
