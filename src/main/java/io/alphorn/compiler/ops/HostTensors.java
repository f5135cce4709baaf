package io.alphorn.compiler.ops;

import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;

/** The elements of tensors as Java arrays, for host functions. */
final class HostTensors {
  private HostTensors() {}

  /** The elements as doubles; of complex numbers the real parts. */
  static double[] reals(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.size())];
    ByteBuffer bytes = tensor.bytes();
    for (int i = 0; i < values.length; i++) {
      values[i] = Casts.realAt(bytes, tensor.dtype(), i);
    }
    return values;
  }

  /** The elements of a tensor of integers or booleans; those of uint64 as their bits. */
  static long[] integers(Tensor tensor) {
    long[] values = new long[Math.toIntExact(tensor.size())];
    ByteBuffer bytes = tensor.bytes();
    for (int i = 0; i < values.length; i++) {
      values[i] = Casts.integerAt(bytes, tensor.dtype(), i);
    }
    return values;
  }

  /** A tensor of a floating type, each element rounded to it. */
  static Tensor ofReals(DType dtype, long[] shape, double[] values) {
    ByteBuffer bytes = Tensor.allocate(dtype, shape);
    for (double value : values) {
      switch (dtype) {
        case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) value));
        case BFLOAT16 -> bytes.putShort(Scalars.toBfloat16((float) value));
        case FLOAT32 -> bytes.putFloat((float) value);
        case FLOAT64 -> bytes.putDouble(value);
        default -> throw new IllegalArgumentException(dtype + " is no floating type");
      }
    }
    return Tensor.of(dtype, shape, bytes.flip());
  }

  /** A tensor of integers or booleans, each element cut to the width of its type. */
  static Tensor ofIntegers(DType dtype, long[] shape, long[] values) {
    ByteBuffer bytes = Tensor.allocate(dtype, shape);
    for (long value : values) {
      switch (dtype.bytes()) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        case 4 -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }
    return Tensor.of(dtype, shape, bytes.flip());
  }
}
