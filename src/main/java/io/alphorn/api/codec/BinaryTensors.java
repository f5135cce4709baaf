package io.alphorn.api.codec;

import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Tensors as the Open Inference Protocol sends them raw: little-endian in row-major order without
 * padding, a boolean in a byte, a string behind its length in four bytes.
 */
public final class BinaryTensors {
  private static final int LENGTH_BYTES = Integer.BYTES;

  private BinaryTensors() {}

  /**
   * Reads a tensor from all of {@code raw}.
   *
   * @param input its name, for messages
   * @param memory where the elements go
   * @throws AlphornException INVALID_ARGUMENT when these are not the bytes of such a tensor
   */
  public static Tensor read(
      String input,
      DType dtype,
      long[] shape,
      ByteBuffer raw,
      JsonLimits limits,
      BufferSource memory) {
    long elements = ElementCount.of(input, shape, limits.maxElements());
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, strings(input, shape, elements, raw));
    }
    long expected = elements * dtype.bytes();
    if (raw.remaining() != expected) {
      throw AlphornException.invalidArgument(
          "input '%s': %s%s needs %d bytes, received %d",
          input, InferenceDatatypes.name(dtype), Arrays.toString(shape), expected, raw.remaining());
    }
    return Tensor.of(dtype, shape, memory.allocate(expected).put(raw).flip());
  }

  private static byte[][] strings(String input, long[] shape, long elements, ByteBuffer raw) {
    ByteBuffer bytes = raw.order(ByteOrder.LITTLE_ENDIAN);
    if (elements > bytes.remaining() / LENGTH_BYTES) {
      throw cutOff(input, shape, elements);
    }
    byte[][] strings = new byte[(int) elements][];
    for (int i = 0; i < strings.length; i++) {
      if (bytes.remaining() < LENGTH_BYTES) {
        throw cutOff(input, shape, elements);
      }
      long length = Integer.toUnsignedLong(bytes.getInt());
      if (length > bytes.remaining()) {
        throw cutOff(input, shape, elements);
      }
      strings[i] = new byte[(int) length];
      bytes.get(strings[i]);
    }
    if (bytes.hasRemaining()) {
      throw AlphornException.invalidArgument(
          "input '%s': %d bytes are left over behind the %d elements of shape %s",
          input, bytes.remaining(), elements, Arrays.toString(shape));
    }
    return strings;
  }

  private static AlphornException cutOff(String input, long[] shape, long elements) {
    return AlphornException.invalidArgument(
        "input '%s': the bytes end before the %d elements of shape %s do",
        input, elements, Arrays.toString(shape));
  }

  /**
   * The bytes that a tensor takes.
   *
   * @throws AlphornException UNIMPLEMENTED for complex numbers, which the protocol has no type for
   */
  public static long size(Tensor tensor) {
    if (tensor.dtype().isComplex()) {
      throw AlphornException.unimplemented(
          "the Open Inference Protocol has no type for %s; let the model give real and imaginary"
              + " parts",
          tensor.dtype());
    }
    long size = tensor.size() * tensor.dtype().bytes();
    for (byte[] string : tensor.strings()) {
      size += LENGTH_BYTES + (long) string.length;
    }
    return size;
  }

  /** The bytes of a tensor; those of numbers are the tensor's own. */
  public static ByteBuffer bytes(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return tensor.bytes();
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(size(tensor))).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] string : tensor.strings()) {
      bytes.putInt(string.length).put(string);
    }
    return bytes.flip();
  }
}
