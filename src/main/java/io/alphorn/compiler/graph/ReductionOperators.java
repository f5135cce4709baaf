package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** ONNX operators that fold axes away. Axes may count from the end; none given means all. */
public interface ReductionOperators extends ShapeOperators {
  /** Any of ONNX's Reduce operators. */
  default Value reduce(String operator, Value x, boolean keepDims, int... axes) {
    int[] folded =
        axes.length == 0
            ? IntStream.range(0, x.rank()).toArray()
            : Arrays.stream(axes).map(axis -> x.shape().axis(axis)).sorted().toArray();
    if (folded.length == 0) {
      return x;
    }
    Shape shape = x.shape();
    for (int i = folded.length - 1; i >= 0; i--) {
      shape = keepDims ? shape.with(folded[i], 1) : shape.without(folded[i]);
    }
    long[] positions = Arrays.stream(folded).asLongStream().toArray();
    return emit(
        operator,
        Map.of("keepdims", Attribute.of(keepDims ? 1 : 0)),
        List.of(x, longs(positions)),
        x.dtype(),
        shape);
  }

  default Value reduceSum(Value x, boolean keepDims, int... axes) {
    return reduce("ReduceSum", x, keepDims, axes);
  }

  default Value reduceMean(Value x, boolean keepDims, int... axes) {
    return reduce("ReduceMean", x, keepDims, axes);
  }

  default Value reduceMax(Value x, boolean keepDims, int... axes) {
    return reduce("ReduceMax", x, keepDims, axes);
  }

  default Value reduceMin(Value x, boolean keepDims, int... axes) {
    return reduce("ReduceMin", x, keepDims, axes);
  }

  /** The index of the greatest element along an axis; of equal ones the first. */
  default Value argMax(Value x, int axis, boolean keepDims) {
    return argument("ArgMax", x, axis, keepDims);
  }

  /** The index of the least element along an axis; of equal ones the first. */
  default Value argMin(Value x, int axis, boolean keepDims) {
    return argument("ArgMin", x, axis, keepDims);
  }

  private Value argument(String operator, Value x, int axis, boolean keepDims) {
    int position = x.shape().axis(axis);
    Shape shape = keepDims ? x.shape().with(position, 1) : x.shape().without(position);
    return emit(
        operator,
        Map.of("axis", Attribute.of(position), "keepdims", Attribute.of(keepDims ? 1 : 0)),
        List.of(x),
        DType.INT64,
        shape);
  }

  /**
   * Values and int64 indices of the {@code k} greatest (or least) elements along an axis, sorted.
   */
  default List<Value> topK(Value x, long k, int axis, boolean largest) {
    Shape shape = x.shape().with(axis, k);
    return topK(x, longs(k), shape, axis, largest);
  }

  /** All elements along an axis, sorted, with their int64 indices. */
  default List<Value> sort(Value x, int axis, boolean descending) {
    return topK(x, sizeOf(x.dim(axis)), x.shape(), axis, descending);
  }

  private List<Value> topK(Value x, Value k, Shape shape, int axis, boolean largest) {
    return emit(
        "TopK",
        Map.of(
            "axis", Attribute.of(x.shape().axis(axis)), "largest", Attribute.of(largest ? 1 : 0)),
        List.of(x, k),
        List.of(new Type(x.dtype(), shape), new Type(DType.INT64, shape)));
  }

  /** The sums of all elements up to each one along an axis. */
  default Value cumulativeSum(Value x, int axis) {
    Value position = scalar(DType.INT64, x.shape().axis(axis));
    return emit("CumSum", Map.of(), List.of(x, position), x.dtype(), x.shape());
  }
}
