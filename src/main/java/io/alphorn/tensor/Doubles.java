package io.alphorn.tensor;

import io.alphorn.error.AlphornException;
import java.nio.ByteBuffer;
import java.util.function.ToDoubleFunction;

/** The elements of a tensor of real numbers or booleans one after the other, as doubles. */
final class Doubles {
  private final ByteBuffer bytes;
  private final ToDoubleFunction<ByteBuffer> next;

  Doubles(Tensor tensor) {
    this.bytes = tensor.bytes();
    this.next = reader(tensor.dtype());
  }

  boolean hasNext() {
    return bytes.hasRemaining();
  }

  double next() {
    return next.applyAsDouble(bytes);
  }

  private static ToDoubleFunction<ByteBuffer> reader(DType dtype) {
    return switch (dtype) {
      case BOOL -> bytes -> bytes.get() == 0 ? 0 : 1;
      case INT8 -> ByteBuffer::get;
      case INT16 -> ByteBuffer::getShort;
      case INT32 -> ByteBuffer::getInt;
      case INT64 -> ByteBuffer::getLong;
      case UINT8 -> bytes -> Byte.toUnsignedInt(bytes.get());
      case UINT16 -> bytes -> Short.toUnsignedInt(bytes.getShort());
      case UINT32 -> bytes -> Integer.toUnsignedLong(bytes.getInt());
      case UINT64 -> bytes -> unsigned(bytes.getLong());
      case FLOAT16 -> bytes -> Float.float16ToFloat(bytes.getShort());
      case BFLOAT16 -> bytes -> Float.intBitsToFloat(bytes.getShort() << 16);
      case FLOAT32 -> ByteBuffer::getFloat;
      case FLOAT64 -> ByteBuffer::getDouble;
      case COMPLEX64, COMPLEX128, STRING ->
          throw AlphornException.unimplemented("elements of type %s are not real numbers", dtype);
    };
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
  }
}
