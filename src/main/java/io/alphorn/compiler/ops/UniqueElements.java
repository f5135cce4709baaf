package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * {@code keras.ops.unique}: the distinct elements of a tensor, or its distinct slices along an
 * axis. ONNX has such an operator, but not with an order, a size and counts as Keras gives them.
 *
 * @param axis along which slices are compared; -1 for single elements
 * @param size of the result, which is cut or filled up to it; -1 for as many as there are
 */
record UniqueElements(
    int axis,
    boolean sorted,
    boolean index,
    boolean inverse,
    boolean counts,
    long size,
    double fill) {
  /** What Keras's TensorFlow backend puts in place of the positions of elements filled up. */
  private static final long INDEX_OF_FILL = 1;

  /** Distinct slices: where each came first, and how often it came. */
  private record Found(List<Integer> first, List<Long> counts, long[] inverse) {}

  static Nested<KerasTensor> unique(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    UniqueElements unique =
        new UniqueElements(
            operands.has("axis") ? operands.axis("axis", 0, x.rank()) : -1,
            operands.bool("sorted", true),
            operands.bool("return_index", false),
            operands.bool("return_inverse", false),
            operands.bool("return_counts", false),
            operands.integer("size", -1),
            operands.real("fill_value", 0));
    List<Value> results = unique.lower(call.graph(), x);
    return results.size() == 1 ? output(results.getFirst()) : outputs(results);
  }

  private List<Value> lower(GraphBuilder g, Value x) {
    Dim count = size < 0 ? g.freshDim() : Dim.of(size);
    List<DType> dtypes = new ArrayList<>(List.of(x.dtype()));
    List<Shape> shapes = new ArrayList<>();
    shapes.add(axis < 0 ? Shape.of(count) : x.shape().with(axis, count));
    if (index) {
      dtypes.add(DType.INT32);
      shapes.add(Shape.of(count));
    }
    if (inverse) {
      dtypes.add(DType.INT32);
      shapes.add(axis < 0 ? x.shape() : Shape.of(x.dim(axis)));
    }
    if (counts) {
      dtypes.add(DType.INT32);
      shapes.add(Shape.of(count));
    }
    return g.host("Unique", List.of(x), dtypes, shapes, inputs -> apply(inputs.getFirst()));
  }

  private List<Tensor> apply(Tensor tensor) {
    Slices slices = axis < 0 ? Slices.ofElements(tensor) : Slices.along(tensor, axis);
    Found found = find(slices);
    int kept = size < 0 ? found.first().size() : (int) Math.min(size, found.first().size());
    long length = size < 0 ? kept : size;
    List<Tensor> results = new ArrayList<>();
    results.add(slices.take(found.first().subList(0, kept), length, fill));
    if (index) {
      long[] positions = new long[(int) length];
      Arrays.fill(positions, INDEX_OF_FILL);
      for (int i = 0; i < kept; i++) {
        positions[i] = found.first().get(i);
      }
      results.add(HostTensors.ofIntegers(DType.INT32, new long[] {length}, positions));
    }
    if (inverse) {
      long[] shape = axis < 0 ? tensor.shape() : new long[] {tensor.shape()[axis]};
      results.add(HostTensors.ofIntegers(DType.INT32, shape, found.inverse()));
    }
    if (counts) {
      long[] numbers = new long[(int) length];
      for (int i = 0; i < kept; i++) {
        numbers[i] = found.counts().get(i);
      }
      results.add(HostTensors.ofIntegers(DType.INT32, new long[] {length}, numbers));
    }
    return results;
  }

  /** Distinct slices in the order in which they came, or sorted. */
  private Found find(Slices slices) {
    TreeMap<Integer, List<Integer>> members = new TreeMap<>(slices.order());
    for (int i = 0; i < slices.count(); i++) {
      members.computeIfAbsent(i, key -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> groups = new ArrayList<>(members.values());
    if (!sorted) {
      groups.sort(Comparator.comparing(List::getFirst));
    }
    long[] inverses = new long[slices.count()];
    for (int group = 0; group < groups.size(); group++) {
      for (int member : groups.get(group)) {
        inverses[member] = group;
      }
    }
    return new Found(
        groups.stream().map(List::getFirst).toList(),
        groups.stream().map(group -> (long) group.size()).toList(),
        inverses);
  }

  /**
   * The slices of a tensor.
   *
   * @param shape of the result, but for the number of slices
   * @param elements the flat positions of each slice's elements, in the order of comparison
   */
  private record Slices(Tensor tensor, long[] shape, int axis, int[][] elements) {
    static Slices ofElements(Tensor tensor) {
      int[][] elements = new int[Math.toIntExact(tensor.size())][];
      Arrays.setAll(elements, i -> new int[] {i});
      return new Slices(tensor, new long[1], 0, elements);
    }

    static Slices along(Tensor tensor, int axis) {
      long[] shape = tensor.shape();
      int[][] elements = new int[Math.toIntExact(shape[axis])][];
      Arrays.setAll(elements, i -> positions(shape, axis, i));
      return new Slices(tensor, shape, axis, elements);
    }

    /** The elements of slice {@code index}: Keras compares with axis 0 in the place of the axis. */
    private static int[] positions(long[] shape, int axis, int index) {
      int[] order = new int[shape.length - 1];
      for (int i = 1; i < shape.length; i++) {
        order[i - 1] = i == axis ? 0 : i;
      }
      long count = Tensor.elements(shape) / Math.max(1, shape[axis]);
      int[] positions = new int[Math.toIntExact(count)];
      for (int i = 0; i < count; i++) {
        positions[i] = position(shape, axis, index, order, i);
      }
      return positions;
    }

    private static int position(long[] shape, int axis, int index, int[] order, int rank) {
      long[] coordinates = new long[shape.length];
      coordinates[axis] = index;
      long rest = rank;
      for (int i = order.length - 1; i >= 0; i--) {
        coordinates[order[i]] = rest % shape[order[i]];
        rest /= shape[order[i]];
      }
      long position = 0;
      for (int i = 0; i < shape.length; i++) {
        position = position * shape[i] + coordinates[i];
      }
      return Math.toIntExact(position);
    }

    int count() {
      return elements.length;
    }

    Comparator<Integer> order() {
      if (tensor.dtype().isFloating()) {
        double[] values = HostTensors.reals(tensor);
        return (a, b) -> compare(a, b, (i, j) -> compare(values[i], values[j]));
      }
      long[] values = HostTensors.integers(tensor);
      return (a, b) -> compare(a, b, (i, j) -> Long.compare(values[i], values[j]));
    }

    /** Both zeros are equal. */
    private static int compare(double a, double b) {
      return a == b ? 0 : Double.compare(a, b);
    }

    private int compare(int a, int b, Comparator<Integer> byElement) {
      for (int i = 0; i < elements[a].length; i++) {
        int order = byElement.compare(elements[a][i], elements[b][i]);
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    /** Some slices one after the other, filled up to {@code length} with a number. */
    Tensor take(List<Integer> chosen, long length, double fill) {
      long[] taken = shape.clone();
      taken[axis] = length;
      int width = tensor.dtype().bytes();
      ByteBuffer source = tensor.bytes();
      ByteBuffer filling = Scalars.of(tensor.dtype(), fill).bytes();
      ByteBuffer target = Tensor.allocate(tensor.dtype(), taken);
      long inner = Tensor.elements(Arrays.copyOfRange(taken, axis + 1, taken.length));
      long outer = Tensor.elements(Arrays.copyOf(taken, axis));
      for (long o = 0; o < outer; o++) {
        for (int slice = 0; slice < length; slice++) {
          for (long i = 0; i < inner; i++) {
            if (slice < chosen.size()) {
              long from = (o * count() + chosen.get(slice)) * inner + i;
              target.put(source.slice(Math.toIntExact(from * width), width));
            } else {
              target.put(filling.duplicate());
            }
          }
        }
      }
      return Tensor.of(tensor.dtype(), taken, target.flip());
    }
  }
}
