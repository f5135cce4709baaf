package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code keras.ops.argpartition} as Keras's TensorFlow backend computes it: of the elements cut to
 * int32, first the {@code kth + 1} least in order, then the greatest of what is left once some
 * elements are set to zero. Which ones are is decided over the first axis alone, so that for
 * tensors of several axes the second part need not complement the first; it is kept as it is,
 * because a model gives those numbers.
 */
final class Partitioning {
  private Partitioning() {}

  static Value argpartition(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.get("x").as(DType.INT32);
    boolean flat = operands.isExplicitlyNone("axis");
    Value rows = flat ? g.flatten(x) : g.swapAxes(x, axis(operands, x), -1);
    long kth = operands.integer("kth");
    Shape shape = rows.shape();
    Value indices =
        g.host(
            "Argpartition",
            List.of(rows),
            DType.INT32,
            shape,
            inputs -> List.of(partition(inputs.getFirst(), kth)));
    return flat ? indices : g.swapAxes(indices, -1, axis(operands, x));
  }

  private static int axis(Operands operands, Value x) {
    return operands.axis("axis", -1, x.rank());
  }

  private static Tensor partition(Tensor tensor, long kth) {
    long[] shape = tensor.shape();
    int size = Math.toIntExact(shape[shape.length - 1]);
    int least = (int) Math.clamp(kth, 0, size - 1) + 1;
    long[] values = HostTensors.integers(tensor);
    int rows = size == 0 ? 0 : values.length / size;
    int[][] bottom = new int[rows][];
    for (int row = 0; row < rows; row++) {
      bottom[row] = first(values, row * size, size, least, Comparator.naturalOrder());
    }
    long[] masked = masked(values, shape, bottom, least);
    long[] result = new long[values.length];
    for (int row = 0; row < rows; row++) {
      int[] top = first(masked, row * size, size, size - least, Comparator.reverseOrder());
      for (int i = 0; i < size; i++) {
        result[row * size + i] = i < least ? bottom[row][i] : top[i - least];
      }
    }
    return HostTensors.ofIntegers(DType.INT32, shape, result);
  }

  /** The positions of the first elements of a row in an order. */
  private static int[] first(
      long[] values, int offset, int size, int count, Comparator<Long> order) {
    return IntStream.range(0, size)
        .boxed()
        .sorted(Comparator.comparing(index -> values[offset + index], order))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * The elements with zeros where the one-hot rows of {@code bottom}, summed over the first axis,
   * are not zero.
   */
  private static long[] masked(long[] values, long[] shape, int[][] bottom, int least) {
    long[] masked = values.clone();
    int rank = shape.length;
    long leading = rank == 1 ? 1 : shape[0];
    int inner = rank == 1 ? 1 : Math.toIntExact(bottom.length / Math.max(1, leading));
    for (int row = 0; row < bottom.length; row++) {
      for (int j = 0; j < least; j++) {
        int target = target(shape, row % inner, j, bottom[row][j]);
        if (target >= 0) {
          masked[target] = 0;
        }
      }
    }
    return masked;
  }

  /**
   * Where the element (…, j, position) of the mask points to in a tensor of {@code shape}; -1 for
   * nowhere, which TensorFlow passes over or refuses, by device.
   */
  private static int target(long[] shape, int innerRow, int j, int position) {
    int rank = shape.length;
    if (rank == 1) {
      return position;
    }
    long[] coordinates = new long[rank];
    long rest = innerRow;
    for (int axis = rank - 2; axis >= 1; axis--) {
      coordinates[axis - 1] = rest % shape[axis];
      rest /= shape[axis];
    }
    coordinates[rank - 2] = j;
    coordinates[rank - 1] = position;
    long target = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (coordinates[axis] >= shape[axis]) {
        return -1;
      }
      target = target * shape[axis] + coordinates[axis];
    }
    return Math.toIntExact(target);
  }
}
