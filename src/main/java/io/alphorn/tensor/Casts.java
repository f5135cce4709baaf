package io.alphorn.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Conversions between element types, as NumPy's {@code astype}. */
public final class Casts {
  private Casts() {}

  /** The tensor in another type; the same tensor when it has that type already. */
  public static Tensor cast(Tensor tensor, DType dtype) {
    if (tensor.dtype() == dtype) {
      return tensor;
    }
    if (tensor.dtype() == DType.STRING || dtype == DType.STRING) {
      throw new IllegalArgumentException("cannot cast %s to %s".formatted(tensor.dtype(), dtype));
    }
    ByteBuffer cast = Tensor.allocate(dtype, tensor.shape());
    ByteBuffer source = tensor.bytes();
    long size = tensor.size();
    boolean whole = tensor.dtype().isInteger() && dtype.isInteger();
    for (int i = 0; i < size; i++) {
      Tensor element =
          whole
              ? Scalars.of(dtype, integerAt(source, tensor.dtype(), i))
              : Scalars.of(dtype, realAt(source, tensor.dtype(), i));
      cast.put(element.bytes());
    }
    return Tensor.of(dtype, tensor.shape(), cast.flip());
  }

  /** Element {@code index} of a buffer of numbers as a double. */
  public static double realAt(ByteBuffer bytes, DType dtype, int index) {
    ByteBuffer source = bytes.order() == ByteOrder.LITTLE_ENDIAN ? bytes : littleEndian(bytes);
    int at = bytes.position() + index * dtype.bytes();
    return switch (dtype) {
      case FLOAT16 -> Float.float16ToFloat(source.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(source.getShort(at) << 16);
      case FLOAT32, COMPLEX64 -> source.getFloat(at);
      case FLOAT64, COMPLEX128 -> source.getDouble(at);
      case UINT64 -> unsignedToDouble(source.getLong(at));
      default -> integerAt(source, dtype, index);
    };
  }

  /** Element {@code index} of a buffer of integers or booleans; uint64 as its bits. */
  public static long integerAt(ByteBuffer bytes, DType dtype, int index) {
    ByteBuffer source = bytes.order() == ByteOrder.LITTLE_ENDIAN ? bytes : littleEndian(bytes);
    int at = bytes.position() + index * dtype.bytes();
    return switch (dtype) {
      case BOOL -> source.get(at) != 0 ? 1 : 0;
      case INT8 -> source.get(at);
      case UINT8 -> Byte.toUnsignedLong(source.get(at));
      case INT16 -> source.getShort(at);
      case UINT16 -> Short.toUnsignedLong(source.getShort(at));
      case INT32 -> source.getInt(at);
      case UINT32 -> Integer.toUnsignedLong(source.getInt(at));
      case INT64, UINT64 -> source.getLong(at);
      default -> throw new IllegalArgumentException(dtype + " is no integer");
    };
  }

  private static ByteBuffer littleEndian(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static double unsignedToDouble(long bits) {
    return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
  }
}
