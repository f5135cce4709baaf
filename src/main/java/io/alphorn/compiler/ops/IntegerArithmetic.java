package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongBinaryOperator;

/**
 * Division and powers of integers. A division by zero is an error of the request, as in TensorFlow;
 * in ONNX Runtime it would end the process, so operators are used only for divisors that are
 * constants and safe.
 */
final class IntegerArithmetic {
  private static final int MOST_MULTIPLICATIONS = 64;

  private IntegerArithmetic() {}

  /** The quotient, rounded towards zero. */
  static Value truncatedQuotient(GraphBuilder g, Value a, Value b) {
    return isSafeDivisor(g, b)
        ? g.div(a, b)
        : HostElementwise.integers(g, "IntegerQuotient", a, b, truncatedQuotient(a.dtype()));
  }

  /** The quotient, rounded towards negative infinity. */
  static Value flooredQuotient(GraphBuilder g, Value a, Value b) {
    if (!isSafeDivisor(g, b)) {
      return HostElementwise.integers(g, "FloorDivide", a, b, flooredQuotient(a.dtype()));
    }
    Value quotient = g.div(a, b);
    if (a.dtype().isUnsigned()) {
      return quotient;
    }
    Value zero = g.scalar(a.dtype(), 0);
    Value rest = g.sub(a, g.mul(quotient, b));
    Value differs = g.xor(g.less(rest, zero), g.less(b, zero));
    Value tooHigh = g.and(g.notEqual(rest, zero), differs);
    return g.sub(quotient, g.cast(tooHigh, a.dtype()));
  }

  /** The remainder with the sign of the divisor. */
  static Value flooredRemainder(GraphBuilder g, Value a, Value b) {
    return isSafeDivisor(g, b)
        ? g.mod(a, b)
        : HostElementwise.integers(g, "FloorModulo", a, b, flooredRemainder(a.dtype()));
  }

  /** The remainder with the sign of the dividend. */
  static Value truncatedRemainder(GraphBuilder g, Value a, Value b) {
    return isSafeDivisor(g, b)
        ? g.fmod(a, b)
        : HostElementwise.integers(g, "TruncatedModulo", a, b, truncatedRemainder(a.dtype()));
  }

  /** The power, which wraps round; a negative exponent is an error, as in TensorFlow. */
  static Value power(GraphBuilder g, Value a, Value b) {
    Optional<Long> exponent = constantScalar(g, b);
    if (exponent.isPresent() && exponent.get() >= 1 && exponent.get() <= MOST_MULTIPLICATIONS) {
      return power(g, a, exponent.get());
    }
    return HostElementwise.integers(g, "IntegerPower", a, b, IntegerArithmetic::power);
  }

  private static Value power(GraphBuilder g, Value a, long exponent) {
    if (exponent == 1) {
      return a;
    }
    Value half = power(g, a, exponent / 2);
    Value square = g.mul(half, half);
    return exponent % 2 == 0 ? square : g.mul(square, a);
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      throw AlphornException.invalidArgument(
          "integers cannot be raised to the negative power %d", exponent);
    }
    long result = 1;
    long factor = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= factor;
      }
      factor *= factor;
    }
    return result;
  }

  /** The greatest common divisor, which is never negative. */
  static long greatestCommonDivisor(long a, long b) {
    long greater = Math.abs(a);
    long less = Math.abs(b);
    while (less != 0) {
      long rest = greater % less;
      greater = less;
      less = rest;
    }
    return greater;
  }

  /** The least common multiple, 0 when one of both is 0. */
  static long leastCommonMultiple(long a, long b) {
    long divisor = greatestCommonDivisor(a, b);
    return divisor == 0 ? 0 : Math.abs(a) * (Math.abs(b) / divisor);
  }

  private static LongBinaryOperator truncatedQuotient(DType dtype) {
    return dtype == DType.UINT64
        ? (a, b) -> Long.divideUnsigned(a, nonZero(b))
        : (a, b) -> a / nonZero(b);
  }

  private static LongBinaryOperator flooredQuotient(DType dtype) {
    return dtype == DType.UINT64
        ? truncatedQuotient(dtype)
        : (a, b) -> Math.floorDiv(a, nonZero(b));
  }

  private static LongBinaryOperator flooredRemainder(DType dtype) {
    return dtype == DType.UINT64
        ? (a, b) -> Long.remainderUnsigned(a, nonZero(b))
        : (a, b) -> Math.floorMod(a, nonZero(b));
  }

  private static LongBinaryOperator truncatedRemainder(DType dtype) {
    return dtype == DType.UINT64 ? flooredRemainder(dtype) : (a, b) -> a % nonZero(b);
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw AlphornException.invalidArgument("integer division by zero");
    }
    return divisor;
  }

  /** Whether no element can end in a division by zero, or in an overflow as -2³¹ / -1 does. */
  private static boolean isSafeDivisor(GraphBuilder g, Value b) {
    return g.constantOf(b)
        .map(Constant::read)
        .map(tensor -> Arrays.stream(HostTensors.integers(tensor)).allMatch(n -> n != 0 && n != -1))
        .orElse(false);
  }

  private static Optional<Long> constantScalar(GraphBuilder g, Value value) {
    return value.rank() == 0
        ? g.constantOf(value).map(Constant::read).map(IntegerArithmetic::first)
        : Optional.empty();
  }

  private static long first(Tensor tensor) {
    return HostTensors.integers(tensor)[0];
  }
}
