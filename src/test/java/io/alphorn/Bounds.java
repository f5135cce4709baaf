package io.alphorn;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * How close an output has to come to Keras's: |a-b| &lt;= absolute + relative·|b| element by
 * element for floating types, exactly for all others; NaN matches NaN.
 */
public record Bounds(double absolute, double relative) {
  public static Bounds of(DType dtype) {
    return switch (dtype) {
      case FLOAT16, BFLOAT16 -> new Bounds(2e-2, 2e-2);
      case FLOAT64 -> new Bounds(1e-9, 1e-9);
      default -> new Bounds(1e-5, 1e-4);
    };
  }

  /** Why {@code actual} is not what Keras gave; empty when it is. */
  public Optional<String> difference(Tensor actual, Tensor expected) {
    if (!Arrays.equals(actual.shape(), expected.shape())) {
      return Optional.of(
          "shape %s, Keras %s"
              .formatted(Arrays.toString(actual.shape()), Arrays.toString(expected.shape())));
    }
    if (expected.dtype() == DType.STRING) {
      return differingText(actual, expected);
    }
    return expected.dtype().isFloating() || expected.dtype().isComplex()
        ? differingReals(reals(actual), reals(expected))
        : differingIntegers(actual, expected);
  }

  private static Optional<String> differingText(Tensor actual, Tensor expected) {
    for (int i = 0; i < expected.size(); i++) {
      String ours = new String(actual.strings()[i], UTF_8);
      String keras = new String(expected.strings()[i], UTF_8);
      if (!ours.equals(keras)) {
        return Optional.of("element %d is '%s', Keras '%s'".formatted(i, ours, keras));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> differingIntegers(Tensor actual, Tensor expected) {
    if (actual.dtype().isFloating()) {
      return Optional.of("type %s, Keras %s".formatted(actual.dtype(), expected.dtype()));
    }
    for (int i = 0; i < expected.size(); i++) {
      long ours = Casts.integerAt(actual.bytes(), actual.dtype(), i);
      long keras = Casts.integerAt(expected.bytes(), expected.dtype(), i);
      if (ours != keras) {
        return Optional.of("element %d is %d, Keras %d".formatted(i, ours, keras));
      }
    }
    return Optional.empty();
  }

  private Optional<String> differingReals(double[] actual, double[] expected) {
    int bad = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      if (!isClose(actual[i], expected[i])) {
        bad++;
        worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
      }
    }
    return bad == 0
        ? Optional.empty()
        : Optional.of(
            "%d of %d elements differ, worst %.3g".formatted(bad, expected.length, worst));
  }

  private boolean isClose(double actual, double expected) {
    boolean same = actual == expected || (Double.isNaN(actual) && Double.isNaN(expected));
    return same || Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
  }

  /** The numbers of a tensor; of complex ones, real and imaginary parts in turn. */
  private static double[] reals(Tensor tensor) {
    DType part =
        switch (tensor.dtype()) {
          case COMPLEX64 -> DType.FLOAT32;
          case COMPLEX128 -> DType.FLOAT64;
          default -> tensor.dtype();
        };
    ByteBuffer bytes = tensor.bytes();
    double[] reals = new double[bytes.remaining() / part.bytes()];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = Casts.realAt(bytes, part, i);
    }
    return reals;
  }
}
