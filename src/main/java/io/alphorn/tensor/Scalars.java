package io.alphorn.tensor;

import java.nio.ByteBuffer;

/** Scalar tensors of any numeric type. */
public final class Scalars {
  private static final int BFLOAT16_ROUNDING = 0x7FFF;

  private Scalars() {}

  /** A scalar of type {@code dtype}; fractions are cut off for integers. */
  public static Tensor of(DType dtype, double value) {
    ByteBuffer bytes = Tensor.allocate(dtype);
    put(bytes, dtype, value);
    return Tensor.of(dtype, new long[0], bytes.flip());
  }

  /** A scalar of an integer type, exact over the whole range of int64. */
  public static Tensor of(DType dtype, long value) {
    if (dtype != DType.INT64 && dtype != DType.UINT64) {
      return of(dtype, (double) value);
    }
    ByteBuffer bytes = Tensor.allocate(dtype);
    bytes.putLong(value);
    return Tensor.of(dtype, new long[0], bytes.flip());
  }

  private static void put(ByteBuffer bytes, DType dtype, double value) {
    switch (dtype) {
      case BOOL -> bytes.put((byte) (value != 0 ? 1 : 0));
      case INT8, UINT8 -> bytes.put((byte) (long) value);
      case INT16, UINT16 -> bytes.putShort((short) (long) value);
      case INT32, UINT32 -> bytes.putInt((int) (long) value);
      case INT64, UINT64 -> bytes.putLong((long) value);
      case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) value));
      case BFLOAT16 -> bytes.putShort(toBfloat16((float) value));
      case FLOAT32 -> bytes.putFloat((float) value);
      case FLOAT64 -> bytes.putDouble(value);
      case COMPLEX64 -> bytes.putFloat((float) value).putFloat(0);
      case COMPLEX128 -> bytes.putDouble(value).putDouble(0);
      case STRING -> throw new IllegalArgumentException("a number is no string");
    }
  }

  /** Rounds to the nearest bfloat16, ties to even, as TensorFlow does. */
  public static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7FC0;
    }
    int lowest = (bits >>> 16) & 1;
    return (short) ((bits + BFLOAT16_ROUNDING + lowest) >>> 16);
  }
}
