package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/**
 * Functions of single elements in Java, with NumPy's broadcasting, for those that ONNX Runtime has
 * no kernel for. Floating types are computed in double and rounded once.
 */
final class HostElementwise {
  private HostElementwise() {}

  /** A function of one floating tensor, which keeps its type. */
  static Value unary(GraphBuilder g, String name, Value x, DoubleUnaryOperator function) {
    return g.host(
        name,
        List.of(x),
        x.dtype(),
        x.shape(),
        inputs -> {
          Tensor tensor = inputs.getFirst();
          double[] values = Arrays.stream(HostTensors.reals(tensor)).map(function).toArray();
          return List.of(HostTensors.ofReals(tensor.dtype(), tensor.shape(), values));
        });
  }

  /** A function of two tensors of one floating type, which keeps it. */
  static Value reals(GraphBuilder g, String name, Value a, Value b, DoubleBinaryOperator function) {
    return g.host(
        name,
        List.of(a, b),
        a.dtype(),
        g.broadcast(a.shape(), b.shape()),
        inputs -> {
          Pairs pairs = new Pairs(inputs.get(0).shape(), inputs.get(1).shape());
          double[] left = HostTensors.reals(inputs.get(0));
          double[] right = HostTensors.reals(inputs.get(1));
          double[] values =
              IntStream.range(0, pairs.size())
                  .mapToDouble(
                      i -> function.applyAsDouble(left[pairs.left(i)], right[pairs.right(i)]))
                  .toArray();
          return List.of(HostTensors.ofReals(a.dtype(), pairs.shape, values));
        });
  }

  /** A function of two tensors of one integer type, which keeps it; results wrap round. */
  static Value integers(
      GraphBuilder g, String name, Value a, Value b, LongBinaryOperator function) {
    return g.host(
        name,
        List.of(a, b),
        a.dtype(),
        g.broadcast(a.shape(), b.shape()),
        inputs -> {
          Pairs pairs = new Pairs(inputs.get(0).shape(), inputs.get(1).shape());
          long[] left = HostTensors.integers(inputs.get(0));
          long[] right = HostTensors.integers(inputs.get(1));
          long[] values =
              IntStream.range(0, pairs.size())
                  .mapToLong(i -> function.applyAsLong(left[pairs.left(i)], right[pairs.right(i)]))
                  .toArray();
          return List.of(HostTensors.ofIntegers(a.dtype(), pairs.shape, values));
        });
  }

  /** Which elements of two tensors meet under broadcasting. */
  private static final class Pairs {
    private final long[] shape;
    private final long[] leftShape;
    private final long[] rightShape;

    Pairs(long[] left, long[] right) {
      int rank = Math.max(left.length, right.length);
      leftShape = aligned(left, rank);
      rightShape = aligned(right, rank);
      shape = new long[rank];
      for (int i = 0; i < rank; i++) {
        if (leftShape[i] != rightShape[i] && leftShape[i] != 1 && rightShape[i] != 1) {
          throw AlphornException.invalidArgument(
              "shapes %s and %s do not broadcast together",
              Arrays.toString(left), Arrays.toString(right));
        }
        shape[i] = leftShape[i] == 1 ? rightShape[i] : leftShape[i];
      }
    }

    private static long[] aligned(long[] shape, int rank) {
      long[] aligned = new long[rank];
      Arrays.fill(aligned, 1);
      System.arraycopy(shape, 0, aligned, rank - shape.length, shape.length);
      return aligned;
    }

    int size() {
      return Math.toIntExact(Tensor.elements(shape));
    }

    int left(int index) {
      return source(index, leftShape);
    }

    int right(int index) {
      return source(index, rightShape);
    }

    /** The element of a tensor of shape {@code source} that stands at {@code index}. */
    private int source(int index, long[] source) {
      int rest = index;
      int at = 0;
      int stride = 1;
      for (int i = shape.length - 1; i >= 0; i--) {
        int coordinate = rest % (int) shape[i];
        rest /= (int) shape[i];
        at += source[i] == 1 ? 0 : coordinate * stride;
        stride *= (int) source[i];
      }
      return at;
    }
  }
}
