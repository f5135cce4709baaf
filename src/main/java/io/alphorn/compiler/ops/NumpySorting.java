package io.alphorn.compiler.ops;

import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.List;

/**
 * {@code keras.ops.numpy}: order. Types follow {@code keras/src/backend/tensorflow/numpy.py}; equal
 * elements keep their order.
 */
public final class NumpySorting {
  private NumpySorting() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Sort", NumpySorting::sort),
        NumpyOperation.of("Argsort", NumpySorting::argsort),
        NumpyOperation.of("SearchSorted", NumpySorting::searchSorted)
            .parameters("sorted_sequence", "values"),
        NumpyOperation.of("Digitize", NumpySorting::digitize).parameters("x", "bins"),
        NumpyOperation.of("Argpartition", Partitioning::argpartition),
        Lowering.operation("numpy", "Unique", UniqueElements::unique));
  }

  private static Value sort(Operands operands) {
    Value x = operands.tensor("x");
    GraphBuilder g = operands.graph();
    return g.cast(sorted(operands, x).getFirst(), x.dtype());
  }

  private static Value argsort(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (x.rank() == 0) {
      return g.cast(g.longs(0), DType.INT32);
    }
    return g.cast(sorted(operands, x).get(1), DType.INT32);
  }

  /** The sorted elements and where each one was. */
  private static List<Value> sorted(Operands operands, Value x) {
    GraphBuilder g = operands.graph();
    Value numbers = x.dtype() == DType.BOOL ? g.cast(x, DType.INT8) : x;
    return isFlat(operands)
        ? g.sort(g.flatten(numbers), 0, false)
        : g.sort(numbers, operands.axis("axis", -1, x.rank()), false);
  }

  /** Whether the axis was given as None, which is not the default here. */
  private static boolean isFlat(Operands operands) {
    return operands.isExplicitlyNone("axis");
  }

  /** How many elements of a sorted vector come before each value. */
  private static Value searchSorted(Operands operands) {
    GraphBuilder g = operands.graph();
    DType dtype = operands.strongType("sorted_sequence", "values");
    List<Value> values = operands.as(dtype, "sorted_sequence", "values");
    Value sought = g.unsqueeze(values.get(1), -1);
    Value before =
        operands.string("side", "left").equals("left")
            ? g.less(values.get(0), sought)
            : g.lessOrEqual(values.get(0), sought);
    return count(g, before);
  }

  /** How many bounds of bins are not above each value; TensorFlow has the bounds in float32. */
  private static Value digitize(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    DType dtype = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Value bounds = g.cast(operands.get("bins").as(DType.FLOAT32), dtype);
    Value below = g.less(g.unsqueeze(g.cast(x, dtype), -1), bounds);
    return count(g, g.not(below));
  }

  private static Value count(GraphBuilder g, Value flags) {
    return g.reduceSum(g.cast(flags, DType.INT32), false, -1);
  }
}
