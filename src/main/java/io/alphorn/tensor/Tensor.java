package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A dense array in row-major order. Numbers stand in a little-endian byte buffer, direct where the
 * tensor goes to or comes from ONNX Runtime; strings are byte sequences, as TensorFlow has them.
 *
 * <p>A tensor owns its storage: whoever made it writes no more to it.
 */
public final class Tensor {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final byte[][] NO_STRINGS = {};

  private final DType dtype;
  private final long[] shape;
  private final ByteBuffer bytes;
  private final byte[][] strings;

  private Tensor(DType dtype, long[] shape, ByteBuffer bytes, byte[][] strings) {
    this.dtype = dtype;
    this.shape = shape.clone();
    this.bytes = bytes;
    this.strings = strings;
  }

  /**
   * A tensor over {@code bytes}, from its position to its limit, without copying.
   *
   * @throws IllegalArgumentException when the bytes are not exactly what the shape needs
   */
  public static Tensor of(DType dtype, long[] shape, ByteBuffer bytes) {
    long expected = Math.multiplyExact(elements(shape), dtype.bytes());
    if (dtype == DType.STRING || bytes.remaining() != expected) {
      throw new IllegalArgumentException(
          "%s%s needs %d bytes, not %d"
              .formatted(dtype, Arrays.toString(shape), expected, bytes.remaining()));
    }
    return new Tensor(dtype, shape, bytes.slice().order(ByteOrder.LITTLE_ENDIAN), NO_STRINGS);
  }

  /** A tensor of strings, given as bytes in row-major order. */
  public static Tensor ofStrings(long[] shape, byte[][] strings) {
    if (strings.length != elements(shape)) {
      throw new IllegalArgumentException(
          "string%s needs %d elements, not %d"
              .formatted(Arrays.toString(shape), elements(shape), strings.length));
    }
    return new Tensor(DType.STRING, shape, NO_BYTES, strings);
  }

  /** A tensor of strings in UTF-8. */
  public static Tensor ofStrings(long[] shape, List<String> strings) {
    return ofStrings(shape, strings.stream().map(s -> s.getBytes(UTF_8)).toArray(byte[][]::new));
  }

  public static Tensor ofFloats(long[] shape, float... values) {
    ByteBuffer bytes = allocate(DType.FLOAT32, shape);
    bytes.asFloatBuffer().put(values);
    return of(DType.FLOAT32, shape, bytes);
  }

  public static Tensor ofDoubles(long[] shape, double... values) {
    ByteBuffer bytes = allocate(DType.FLOAT64, shape);
    bytes.asDoubleBuffer().put(values);
    return of(DType.FLOAT64, shape, bytes);
  }

  public static Tensor ofInts(long[] shape, int... values) {
    ByteBuffer bytes = allocate(DType.INT32, shape);
    bytes.asIntBuffer().put(values);
    return of(DType.INT32, shape, bytes);
  }

  public static Tensor ofLongs(long[] shape, long... values) {
    ByteBuffer bytes = allocate(DType.INT64, shape);
    bytes.asLongBuffer().put(values);
    return of(DType.INT64, shape, bytes);
  }

  /** A new direct, zeroed, little-endian buffer that holds a tensor of this type and shape. */
  public static ByteBuffer allocate(DType dtype, long... shape) {
    int size = Math.toIntExact(Math.multiplyExact(elements(shape), dtype.bytes()));
    return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of elements of a shape; 1 for a scalar's. */
  public static long elements(long... shape) {
    long count = 1;
    for (long dimension : shape) {
      count = Math.multiplyExact(count, dimension);
    }
    return count;
  }

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  public long size() {
    return elements(shape);
  }

  /** The elements in row-major order, little-endian, from position 0; empty for strings. */
  public ByteBuffer bytes() {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The strings in row-major order; empty for numbers. Not to be written to. */
  public byte[][] strings() {
    return strings;
  }

  /** The same elements under another shape of the same size. */
  public Tensor reshape(long... newShape) {
    return dtype == DType.STRING ? ofStrings(newShape, strings) : of(dtype, newShape, bytes());
  }

  /** The type and shape, as {@code float32[2, 3]}. */
  @Override
  public String toString() {
    return dtype + Arrays.toString(shape);
  }
}
