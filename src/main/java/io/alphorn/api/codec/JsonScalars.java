package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Reads the elements of one type, by the rules of TensorFlow Serving's {@code json_tensor.cc}: a
 * floating type takes every number of its range, an integer type integers of its range only. Halves
 * and complex numbers have no form in JSON.
 */
final class JsonScalars {
  static final String BASE64_KEY = "b64";
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);

  private final JsonSource source;
  private final DType dtype;

  JsonScalars(JsonSource source, DType dtype) {
    this.source = source;
    this.dtype = dtype;
  }

  /** Puts the element that begins with the current token into {@code bytes}. */
  void number(JsonParser parser, JsonToken token, ByteBuffer bytes) throws IOException {
    switch (dtype) {
      case FLOAT32 -> bytes.putFloat(single(parser, token));
      case FLOAT64 -> bytes.putDouble(real(parser, token));
      case INT32 ->
          bytes.putInt((int) integer(parser, token, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT64 -> bytes.putLong(integer(parser, token, Long.MIN_VALUE, Long.MAX_VALUE));
      case INT8 -> bytes.put((byte) integer(parser, token, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case INT16 ->
          bytes.putShort((short) integer(parser, token, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT8 -> bytes.put((byte) integer(parser, token, 0, 0xFF));
      case UINT16 -> bytes.putShort((short) integer(parser, token, 0, 0xFFFF));
      case UINT32 -> bytes.putInt((int) integer(parser, token, 0, 0xFFFF_FFFFL));
      case UINT64 -> bytes.putLong(unsignedLong(parser, token));
      case BOOL -> bytes.put(bool(parser, token));
      default -> throw unimplemented(parser);
    }
  }

  /** What TensorFlow Serving says to a value of a type that it has no JSON for. */
  AlphornException unimplemented(JsonParser parser) throws IOException {
    return AlphornException.unimplemented(
        "Conversion of JSON Value: %s to type: %s",
        source.value(parser), TensorFlowNames.of(dtype));
  }

  private float single(JsonParser parser, JsonToken token) throws IOException {
    requireType(parser, token.isNumeric());
    float value = parser.getFloatValue();
    requireFinite(parser, token, value);
    return value;
  }

  private double real(JsonParser parser, JsonToken token) throws IOException {
    requireType(parser, token.isNumeric());
    double value = parser.getDoubleValue();
    requireFinite(parser, token, value);
    return value;
  }

  /** Infinity is what a client wrote as such, not what a number beyond the type's range becomes. */
  private void requireFinite(JsonParser parser, JsonToken token, double value) throws IOException {
    boolean written = token == JsonToken.VALUE_NUMBER_FLOAT && parser.isNaN();
    if (!Double.isFinite(value) && !written) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s is beyond the range of type: %s",
          source.value(parser), TensorFlowNames.of(dtype));
    }
  }

  private long integer(JsonParser parser, JsonToken token, long least, long most)
      throws IOException {
    requireType(parser, token == JsonToken.VALUE_NUMBER_INT);
    requireType(parser, parser.getNumberType() != NumberType.BIG_INTEGER);
    long value = parser.getLongValue();
    requireType(parser, value >= least && value <= most);
    return value;
  }

  private long unsignedLong(JsonParser parser, JsonToken token) throws IOException {
    requireType(parser, token == JsonToken.VALUE_NUMBER_INT);
    if (parser.getNumberType() != NumberType.BIG_INTEGER) {
      return integer(parser, token, 0, Long.MAX_VALUE);
    }
    BigInteger value = parser.getBigIntegerValue();
    requireType(parser, value.signum() > 0 && value.compareTo(TWO_TO_64) < 0);
    return value.longValue();
  }

  private byte bool(JsonParser parser, JsonToken token) throws IOException {
    requireType(parser, token.isBoolean());
    return (byte) (token == JsonToken.VALUE_TRUE ? 1 : 0);
  }

  /** A string, as text or as base64, that begins with the current token. */
  byte[] string(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.START_OBJECT) {
      parser.nextToken();
      return base64(parser);
    }
    requireType(parser, token == JsonToken.VALUE_STRING);
    return parser.getText().getBytes(UTF_8);
  }

  /** The bytes of {@code {"b64": "..."}}, read from its key on. */
  byte[] base64(JsonParser parser) throws IOException {
    requireType(parser, dtype == DType.STRING);
    if (parser.currentToken() == JsonToken.FIELD_NAME
        && parser.currentName().equals(BASE64_KEY)
        && parser.nextToken() == JsonToken.VALUE_STRING) {
      String text = parser.getText();
      if (parser.nextToken() == JsonToken.END_OBJECT) {
        return decoded(text);
      }
    }
    throw AlphornException.invalidArgument(
        "JSON Value: object not formatted correctly for base64 data: expected {\"b64\": \"...\"}"
            + " and nothing else in it");
  }

  /** Padding may be missing, as absl's Base64Unescape has it. */
  private static byte[] decoded(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw AlphornException.invalidArgument("Unable to base64 decode");
    }
  }

  private void requireType(JsonParser parser, boolean fits) throws IOException {
    if (!fits) {
      JsonToken token = parser.currentToken();
      throw AlphornException.invalidArgument(
          "JSON Value: %s Type: %s is not of expected type: %s",
          source.value(parser), JsonSource.type(token), TensorFlowNames.of(dtype));
    }
  }
}
