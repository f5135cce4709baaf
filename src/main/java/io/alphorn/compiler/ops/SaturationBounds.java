package io.alphorn.compiler.ops;

import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.math.BigInteger;

/**
 * The bounds to which Keras's {@code saturate_cast} clips before it casts, in the type that it
 * casts from. Follows {@code keras/src/ops/core.py} with what NumPy makes of it: where one of the
 * two types is floating the bounds are rounded to it, and where that leaves the range of the
 * integer type they wrap round.
 */
record SaturationBounds(Tensor least, Tensor greatest) {
  private static final double GREATEST_FLOAT16 = 65504;
  private static final double GREATEST_BFLOAT16 = 0x1.FEp127;
  private static final double TWO_TO_63 = 0x1p63;

  static SaturationBounds of(DType from, DType to) {
    if (!from.isFloating() && !to.isFloating()) {
      return new SaturationBounds(
          Scalars.of(from, leastInteger(from).max(leastInteger(to)).longValue()),
          Scalars.of(from, greatestInteger(from).min(greatestInteger(to)).longValue()));
    }
    DType floating =
        from.isFloating() && from.bytes() >= to.bytes() || !to.isFloating() ? from : to;
    double greatest =
        Math.min(rounded(greatestReal(from), floating), rounded(greatestReal(to), floating));
    double least = Math.max(rounded(leastReal(from), floating), rounded(leastReal(to), floating));
    return new SaturationBounds(converted(least, from), converted(greatest, from));
  }

  private static BigInteger leastInteger(DType dtype) {
    return dtype == DType.BOOL || dtype.isUnsigned()
        ? BigInteger.ZERO
        : BigInteger.TWO.pow(8 * dtype.bytes() - 1).negate();
  }

  private static BigInteger greatestInteger(DType dtype) {
    if (dtype == DType.BOOL) {
      return BigInteger.ONE;
    }
    int bits = 8 * dtype.bytes() - (dtype.isUnsigned() ? 0 : 1);
    return BigInteger.TWO.pow(bits).subtract(BigInteger.ONE);
  }

  private static double greatestReal(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> GREATEST_FLOAT16;
      case BFLOAT16 -> GREATEST_BFLOAT16;
      case FLOAT32 -> Float.MAX_VALUE;
      case FLOAT64 -> Double.MAX_VALUE;
      default -> greatestInteger(dtype).doubleValue();
    };
  }

  private static double leastReal(DType dtype) {
    return dtype.isFloating() ? -greatestReal(dtype) : leastInteger(dtype).doubleValue();
  }

  private static double rounded(double value, DType floating) {
    return Casts.realAt(Scalars.of(floating, value).bytes(), floating, 0);
  }

  /** As a processor converts: 2⁶³ gives the least of int64. */
  private static Tensor converted(double value, DType dtype) {
    if (dtype.isFloating()) {
      return Scalars.of(dtype, value);
    }
    return Scalars.of(dtype, value >= TWO_TO_63 ? Long.MIN_VALUE : (long) value);
  }
}
