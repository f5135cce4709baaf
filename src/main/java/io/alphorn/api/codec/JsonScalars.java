package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Reads the elements of one type, by the rules of TensorFlow Serving's {@code json_tensor.cc}: a
 * floating type takes every number that it can hold, an integer type integers of its range only.
 * The types that it has no JSON for, halves and uint16, follow the same rules here.
 */
final class JsonScalars {
  static final String BASE64_KEY = "b64";
  private static final long MAX_EXACT_FLOAT = (1L << 24) - 1;
  private static final long MAX_EXACT_DOUBLE = (1L << 53) - 1;
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);
  private static final float MAX_HALF = 65504;

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
      case FLOAT16 -> bytes.putShort(half(parser, token));
      case BFLOAT16 -> bytes.putShort(Scalars.toBfloat16(single(parser, token)));
      default ->
          throw AlphornException.unimplemented(
              "Conversion of JSON Value: %s to type: %s",
              source.value(parser), TensorFlowNames.of(dtype));
    }
  }

  private float single(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      float value = parser.getFloatValue();
      if (!Float.isFinite(value) && !parser.isNaN()) {
        throw lossy(parser);
      }
      return value;
    }
    return (float) whole(parser, token, MAX_EXACT_FLOAT);
  }

  private double real(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      double value = parser.getDoubleValue();
      if (!Double.isFinite(value) && !parser.isNaN()) {
        throw lossy(parser);
      }
      return value;
    }
    return whole(parser, token, MAX_EXACT_DOUBLE);
  }

  private short half(JsonParser parser, JsonToken token) throws IOException {
    float value = single(parser, token);
    if (Math.abs(value) > MAX_HALF && !Float.isInfinite(value)) {
      throw lossy(parser);
    }
    return Float.floatToFloat16(value);
  }

  /**
   * An integer where a real number is wanted, which must be exact below 2^64, as rapidjson has it.
   */
  private double whole(JsonParser parser, JsonToken token, long maxExact) throws IOException {
    requireType(parser, token == JsonToken.VALUE_NUMBER_INT);
    if (parser.getNumberType() == NumberType.BIG_INTEGER) {
      BigInteger big = parser.getBigIntegerValue();
      double value = big.doubleValue();
      boolean integer = big.signum() > 0 && big.compareTo(TWO_TO_64) < 0;
      boolean fits = dtype == DType.FLOAT64 || Float.isFinite((float) value);
      if (integer || !fits || Double.isInfinite(value)) {
        throw lossy(parser);
      }
      return value;
    }
    long value = parser.getLongValue();
    if (value > maxExact || value < -maxExact) {
      throw lossy(parser);
    }
    return value;
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

  private AlphornException lossy(JsonParser parser) throws IOException {
    return AlphornException.invalidArgument(
        "Cannot convert JSON value: %s to %s without loss of precision.",
        source.value(parser), TensorFlowNames.of(dtype));
  }
}
