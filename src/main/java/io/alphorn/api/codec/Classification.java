package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;

/** Triton's classification extension: the greatest elements of each row, the greatest first. */
public final class Classification {
  /** Of equal elements the first one counts as the greater. */
  private static final Comparator<Candidate> BY_RANK =
      Comparator.comparingLong(Candidate::rank)
          .thenComparing(Candidate::index, Comparator.reverseOrder());

  /**
   * An element.
   *
   * @param rank orders elements as their values do
   */
  private record Candidate(long rank, int index) {}

  private final DType dtype;
  private final ByteBuffer bytes;

  private Classification(Tensor scores) {
    this.dtype = scores.dtype();
    this.bytes = scores.bytes();
  }

  /**
   * For scores of shape {@code [batch, ...]}, strings of shape {@code [batch, n]}, each {@code
   * value:index}; n is {@code classes}, or all that there are. A scalar counts as a row of one.
   *
   * @throws AlphornException INVALID_ARGUMENT when the output's elements have no order
   */
  public static Tensor of(String output, Tensor scores, int classes) {
    DType dtype = scores.dtype();
    if (!dtype.isInteger() && !dtype.isFloating()) {
      throw AlphornException.invalidArgument(
          "class result not available for output '%s' due to unsupported type '%s'",
          output, InferenceDatatypes.name(dtype));
    }
    return new Classification(scores).classify(scores, classes);
  }

  private Tensor classify(Tensor scores, int classes) {
    int rows = scores.rank() == 0 ? 1 : (int) scores.shape()[0];
    int width = rows == 0 ? 0 : (int) (scores.size() / rows);
    int count = Math.min(classes, width);
    byte[][] strings = new byte[rows * count][];
    for (int row = 0; row < rows; row++) {
      PriorityQueue<Candidate> greatest = greatest(row * width, width, count);
      for (int i = count - 1; i >= 0; i--) {
        int index = greatest.remove().index();
        strings[row * count + i] = (text(row * width + index) + ":" + index).getBytes(UTF_8);
      }
    }
    return Tensor.ofStrings(new long[] {rows, count}, strings);
  }

  /** The {@code count} greatest of a row, the least of them at the head. */
  private PriorityQueue<Candidate> greatest(int start, int width, int count) {
    PriorityQueue<Candidate> kept = new PriorityQueue<>(count + 1, BY_RANK);
    for (int i = 0; i < width; i++) {
      kept.add(new Candidate(rank(start + i), i));
      if (kept.size() > count) {
        kept.remove();
      }
    }
    return kept;
  }

  private long rank(int element) {
    if (dtype == DType.UINT64) {
      return integer(element) ^ Long.MIN_VALUE;
    }
    if (dtype.isInteger()) {
      return integer(element);
    }
    double value = real(element);
    if (Double.isNaN(value)) {
      return Long.MIN_VALUE;
    }
    long bits = Double.doubleToLongBits(value + 0.0); // -0.0 becomes 0.0, its equal
    return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
  }

  /** As C++'s {@code to_string}, which Triton uses. */
  private String text(int element) {
    if (dtype == DType.UINT64) {
      return Long.toUnsignedString(integer(element));
    }
    if (dtype.isInteger()) {
      return Long.toString(integer(element));
    }
    double value = real(element);
    if (Double.isNaN(value)) {
      return "nan";
    }
    return Double.isInfinite(value)
        ? (value < 0 ? "-inf" : "inf")
        : String.format(Locale.ROOT, "%.6f", value);
  }

  private long integer(int element) {
    return switch (dtype) {
      case INT8 -> bytes.get(element);
      case UINT8 -> Byte.toUnsignedInt(bytes.get(element));
      case INT16 -> bytes.getShort(2 * element);
      case UINT16 -> Short.toUnsignedInt(bytes.getShort(2 * element));
      case INT32 -> bytes.getInt(4 * element);
      case UINT32 -> Integer.toUnsignedLong(bytes.getInt(4 * element));
      case INT64, UINT64 -> bytes.getLong(8 * element);
      default -> throw new IllegalStateException(dtype + " is no integer");
    };
  }

  private double real(int element) {
    return switch (dtype) {
      case FLOAT16 -> Float.float16ToFloat(bytes.getShort(2 * element));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(2 * element) << 16);
      case FLOAT32 -> bytes.getFloat(4 * element);
      case FLOAT64 -> bytes.getDouble(8 * element);
      default -> throw new IllegalStateException(dtype + " is not floating");
    };
  }
}
