package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;

/** Writes one tensor as nested JSON arrays, straight from its buffer. */
final class TensorJsonWriter {
  private static final String BYTES_SUFFIX = "_bytes";

  private final DType dtype;
  private final long[] shape;
  private final ByteBuffer bytes;
  private final byte[][] strings;
  private final boolean asBase64;
  private int nextString;

  /**
   * @param name of the output; TensorFlow Serving writes strings in base64 where it ends in {@code
   *     _bytes}
   */
  TensorJsonWriter(String name, Tensor tensor) {
    this.dtype = tensor.dtype();
    this.shape = tensor.shape();
    this.bytes = tensor.bytes();
    this.strings = tensor.strings();
    this.asBase64 = name.endsWith(BYTES_SUFFIX);
  }

  void writeWhole(JsonGenerator json) throws IOException {
    write(json, 0);
  }

  /** The next row along the first axis. */
  void writeRow(JsonGenerator json) throws IOException {
    write(json, 1);
  }

  private void write(JsonGenerator json, int axis) throws IOException {
    if (axis == shape.length) {
      element(json);
      return;
    }
    json.writeStartArray();
    for (long i = 0; i < shape[axis]; i++) {
      write(json, axis + 1);
    }
    json.writeEndArray();
  }

  private void element(JsonGenerator json) throws IOException {
    switch (dtype) {
      case FLOAT32 -> json.writeNumber(bytes.getFloat());
      case FLOAT64 -> json.writeNumber(bytes.getDouble());
      case FLOAT16 -> json.writeNumber(Float.float16ToFloat(bytes.getShort()));
      case BFLOAT16 -> json.writeNumber(Float.intBitsToFloat(bytes.getShort() << 16));
      case INT8 -> json.writeNumber(bytes.get());
      case UINT8 -> json.writeNumber(Byte.toUnsignedInt(bytes.get()));
      case INT16 -> json.writeNumber(bytes.getShort());
      case UINT16 -> json.writeNumber(Short.toUnsignedInt(bytes.getShort()));
      case INT32 -> json.writeNumber(bytes.getInt());
      case UINT32 -> json.writeNumber(Integer.toUnsignedLong(bytes.getInt()));
      case INT64 -> json.writeNumber(bytes.getLong());
      case UINT64 -> json.writeNumber(Long.toUnsignedString(bytes.getLong()));
      case BOOL -> json.writeBoolean(bytes.get() != 0);
      case STRING -> string(json, strings[nextString++]);
      case COMPLEX64 -> complex(json, bytes.getFloat(), bytes.getFloat());
      case COMPLEX128 -> complex(json, bytes.getDouble(), bytes.getDouble());
    }
  }

  private void string(JsonGenerator json, byte[] text) throws IOException {
    if (!asBase64) {
      json.writeString(new String(text, UTF_8));
      return;
    }
    json.writeStartObject();
    json.writeStringField("b64", Base64.getEncoder().encodeToString(text));
    json.writeEndObject();
  }

  /** JSON has no complex numbers: real and imaginary part as a pair. */
  private static void complex(JsonGenerator json, double real, double imaginary)
      throws IOException {
    json.writeStartArray();
    json.writeNumber(real);
    json.writeNumber(imaginary);
    json.writeEndArray();
  }
}
