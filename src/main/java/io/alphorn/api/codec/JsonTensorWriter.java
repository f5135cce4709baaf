package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Writes a tensor's elements as nested lists, in one pass over its buffer. Strings are text; those
 * of tensors named as bytes, and those that are no UTF-8, are base64.
 */
final class JsonTensorWriter {
  private static final String BYTES_SUFFIX = "_bytes";

  private final JsonOutput out;
  private final DType dtype;
  private final long[] shape;
  private final ByteBuffer bytes;
  private final byte[][] strings;
  private final boolean stringsAreBytes;
  private int nextString;

  JsonTensorWriter(JsonOutput out, String name, Tensor tensor) {
    this.out = out;
    this.dtype = tensor.dtype();
    this.shape = tensor.shape();
    this.bytes = tensor.bytes();
    this.strings = tensor.strings();
    this.stringsAreBytes = name.endsWith(BYTES_SUFFIX);
  }

  /** The number of rows; -1 for a scalar, which has none. */
  long rows() {
    return shape.length == 0 ? -1 : shape[0];
  }

  /** Writes the whole tensor. */
  void writeAll() {
    write(0);
  }

  /** Writes the next one of the rows along the first dimension. */
  void writeRow() {
    write(1);
  }

  /** Writes all elements in one list. */
  void writeFlat() {
    out.raw("[");
    for (long left = Tensor.elements(shape); left > 0; left--) {
      element();
      out.raw(left > 1 ? "," : "");
    }
    out.raw("]");
  }

  private void write(int axis) {
    if (axis >= shape.length) {
      element();
      return;
    }
    out.raw("[");
    for (long i = 0; i < shape[axis]; i++) {
      if (i > 0) {
        out.raw(", ");
      }
      write(axis + 1);
    }
    out.raw("]");
  }

  private void element() {
    switch (dtype) {
      case FLOAT32 -> out.real(bytes.getFloat());
      case FLOAT64 -> out.real(bytes.getDouble());
      case FLOAT16 -> out.real(Float.float16ToFloat(bytes.getShort()));
      case BFLOAT16 -> out.real(Float.intBitsToFloat(bytes.getShort() << 16));
      case INT8 -> out.integer(bytes.get());
      case INT16 -> out.integer(bytes.getShort());
      case INT32 -> out.integer(bytes.getInt());
      case INT64 -> out.integer(bytes.getLong());
      case UINT8 -> out.integer(Byte.toUnsignedInt(bytes.get()));
      case UINT16 -> out.integer(Short.toUnsignedInt(bytes.getShort()));
      case UINT32 -> out.integer(Integer.toUnsignedLong(bytes.getInt()));
      case UINT64 -> out.unsigned(bytes.getLong());
      case BOOL -> out.raw(bytes.get() == 0 ? "false" : "true");
      case STRING -> string(strings[nextString++]);
      case COMPLEX64, COMPLEX128 ->
          throw AlphornException.invalidArgument(
              "Failed to write JSON value for tensor type: %s", TensorFlowNames.of(dtype));
    }
  }

  private void string(byte[] string) {
    if (stringsAreBytes || !isText(string)) {
      out.base64(string);
    } else {
      out.string(string);
    }
  }

  static boolean isText(byte[] string) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(string));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
