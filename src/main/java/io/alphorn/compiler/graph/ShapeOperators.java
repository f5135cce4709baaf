package io.alphorn.compiler.graph;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** ONNX operators that move, select and repeat elements. */
public interface ShapeOperators extends ElementwiseOperators {
  /**
   * Gives {@code x} another shape of the same size. Sizes that are not known come from wherever the
   * graph first had them.
   */
  default Value reshape(Value x, Shape target) {
    if (x.shape().equals(target)) {
      return x;
    }
    return emit("Reshape", Map.of(), List.of(x, reshapeSizes(x, target)), x.dtype(), target);
  }

  /**
   * Constant sizes where ONNX's Reshape can find the others itself: one is the rest (-1), and those
   * that stay in their places are copied (0).
   */
  private Value reshapeSizes(Value x, Shape target) {
    long[] sizes = target.sizes();
    if (Arrays.stream(sizes).anyMatch(size -> size == 0)) {
      return sizesOf(target);
    }
    long open = target.dims().stream().filter(dim -> !dim.isKnown()).count();
    for (int axis = 0; axis < Math.min(x.rank(), sizes.length) && open > 1; axis++) {
      if (sizes[axis] == -1 && target.dim(axis).equals(x.dim(axis))) {
        sizes[axis] = 0;
        open--;
      }
    }
    return open <= 1 ? longs(sizes) : sizesWithRest(x, target, sizes);
  }

  /** A dimension that {@code x} has not is the rest; its own can be read in the graph. */
  private Value sizesWithRest(Value x, Shape target, long[] sizes) {
    int[] open = IntStream.range(0, sizes.length).filter(axis -> sizes[axis] == -1).toArray();
    int rest =
        Arrays.stream(open)
            .filter(axis -> !x.shape().dims().contains(target.dim(axis)))
            .findFirst()
            .orElse(open[0]);
    List<Value> parts = new ArrayList<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      boolean read = sizes[axis] == -1 && axis != rest;
      parts.add(read ? sizeOf(target.dim(axis)) : longs(sizes[axis]));
    }
    return concat(0, parts);
  }

  /** Makes one axis of {@code axis} and the one after it. */
  default Value mergeAxes(Value x, int axis) {
    Dim first = x.dim(axis);
    Dim second = x.dim(axis + 1);
    boolean known = first.isKnown() && second.isKnown();
    Dim merged = known ? Dim.of(first.size() * second.size()) : freshDim();
    return reshape(x, x.shape().without(axis + 1).with(axis, merged));
  }

  /** Makes two axes of one, whose size is the product of theirs. */
  default Value splitAxis(Value x, int axis, Dim first, Dim second) {
    return reshape(x, x.shape().with(axis, first).insert(axis + 1, second));
  }

  /** Reshapes to known sizes of which at most one may be -1, to be found from the rest. */
  default Value reshape(Value x, long... sizes) {
    List<Dim> dims = new ArrayList<>();
    for (long size : sizes) {
      dims.add(size == -1 ? inferred(x.shape(), sizes) : Dim.of(size));
    }
    return reshape(x, new Shape(dims));
  }

  private Dim inferred(Shape from, long[] sizes) {
    long rest = Arrays.stream(sizes).filter(size -> size != -1).reduce(1, Math::multiplyExact);
    if (from.isKnown() && rest > 0) {
      return Dim.of(Tensor.elements(from.sizes()) / rest);
    }
    List<Dim> unknown = from.dims().stream().filter(dim -> !dim.isKnown()).toList();
    long known =
        from.dims().stream()
            .filter(Dim::isKnown)
            .mapToLong(Dim::size)
            .reduce(1, Math::multiplyExact);
    return unknown.size() == 1 && known == rest ? unknown.getFirst() : freshDim();
  }

  /** {@code x} as one long row. */
  default Value flatten(Value x) {
    return reshape(x, -1);
  }

  default Value transpose(Value x, int... permutation) {
    if (IntStream.range(0, permutation.length).allMatch(i -> permutation[i] == i)) {
      return x;
    }
    long[] order = Arrays.stream(permutation).asLongStream().toArray();
    return emit(
        "Transpose",
        Map.of("perm", Attribute.of(order)),
        List.of(x),
        x.dtype(),
        x.shape().permute(permutation));
  }

  /** Exchanges two axes, which may count from the end. */
  default Value swapAxes(Value x, int first, int second) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    int a = x.shape().axis(first);
    int b = x.shape().axis(second);
    order[a] = b;
    order[b] = a;
    return transpose(x, order);
  }

  /** Moves one axis to another place, the others keeping their order. */
  default Value moveAxis(Value x, int from, int to) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Integer moved = order.remove(x.shape().axis(from));
    order.add(x.shape().axis(to), moved);
    return transpose(x, order.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * Puts in an axis of size 1 at position {@code axis} of the result, which may count from its end.
   */
  default Value unsqueeze(Value x, int axis) {
    int position = axis < 0 ? axis + x.rank() + 1 : axis;
    Shape shape = x.shape().insert(position, Dim.of(1));
    return emit("Unsqueeze", Map.of(), List.of(x, longs(position)), x.dtype(), shape);
  }

  /** Takes out an axis of size 1. */
  default Value squeeze(Value x, int axis) {
    int position = x.shape().axis(axis);
    Shape shape = x.shape().without(position);
    return emit("Squeeze", Map.of(), List.of(x, longs(position)), x.dtype(), shape);
  }

  default Value concat(int axis, List<Value> values) {
    Value first = values.getFirst();
    if (values.size() == 1) {
      return first;
    }
    int position = first.shape().axis(axis);
    boolean known = values.stream().allMatch(value -> value.dim(position).isKnown());
    Dim dim =
        known
            ? Dim.of(values.stream().mapToLong(value -> value.dim(position).size()).sum())
            : freshDim();
    Map<String, Attribute> attributes = Map.of("axis", Attribute.of(position));
    Shape shape = first.shape();
    for (int i = 0; i < shape.rank(); i++) {
      for (Value value : values) {
        if (i != position && !shape.dim(i).isKnown()) {
          shape = shape.with(i, value.dim(i));
        }
      }
    }
    return emit("Concat", attributes, values, first.dtype(), shape.with(position, dim));
  }

  default Value concat(int axis, Value... values) {
    return concat(axis, List.of(values));
  }

  /** Joins values of one shape along a new axis. */
  default Value stack(int axis, List<Value> values) {
    return concat(axis, values.stream().map(value -> unsqueeze(value, axis)).toList());
  }

  /** Cuts {@code x} into parts of known sizes along an axis. */
  default List<Value> split(Value x, int axis, long... sizes) {
    if (sizes.length == 1) {
      return List.of(x);
    }
    int position = x.shape().axis(axis);
    List<Type> outputs =
        Arrays.stream(sizes)
            .mapToObj(size -> new Type(x.dtype(), x.shape().with(position, size)))
            .toList();
    return emit("Split", Map.of("axis", Attribute.of(position)), List.of(x, longs(sizes)), outputs);
  }

  /** Cuts {@code x} into {@code count} equal parts along an axis of known size. */
  default List<Value> split(Value x, int axis, int count) {
    long size = x.shape().size(axis);
    if (size % count != 0) {
      throw AlphornException.invalidArgument(
          "cannot split axis %d of %s into %d equal parts", axis, x.shape(), count);
    }
    long[] sizes = new long[count];
    Arrays.fill(sizes, size / count);
    return split(x, axis, sizes);
  }

  /**
   * The elements from {@code start} to {@code end} (exclusive) along an axis, as Python's slice of
   * positive step: negative bounds count from the end, bounds beyond the end are cut.
   */
  default Value slice(Value x, int axis, long start, long end) {
    return slice(x, axis, start, end, 1);
  }

  /** As Python's slice; a negative step walks backwards from {@code start}. */
  default Value slice(Value x, int axis, long start, long end, long step) {
    int position = x.shape().axis(axis);
    Dim dim = x.dim(position);
    Dim sliced =
        dim.isKnown()
            ? Dim.of(Slices.length(dim.size(), start, end, step))
            : Slices.isWhole(start, end, step) ? dim : freshDim();
    if (sliced.equals(dim) && step == 1) {
      return x;
    }
    return emit(
        "Slice",
        Map.of(),
        List.of(x, longs(start), longs(end), longs(position), longs(step)),
        x.dtype(),
        x.shape().with(position, sliced));
  }

  /** Turns the order of an axis round. */
  default Value reverse(Value x, int axis) {
    int position = x.shape().axis(axis);
    return emit(
        "Slice",
        Map.of(),
        List.of(x, longs(-1), longs(Long.MIN_VALUE), longs(position), longs(-1)),
        x.dtype(),
        x.shape());
  }

  /** Rows of {@code x} along {@code axis} by integer indices; the axis gives way to their shape. */
  default Value gather(Value x, Value indices, int axis) {
    int position = x.shape().axis(axis);
    Shape shape =
        x.shape()
            .subShape(0, position)
            .concat(indices.shape())
            .concat(x.shape().subShape(position + 1, x.rank()));
    return emit(
        "Gather", Map.of("axis", Attribute.of(position)), List.of(x, indices), x.dtype(), shape);
  }

  /** The element at {@code index} along an axis, which goes away. */
  default Value take(Value x, int axis, long index) {
    return gather(x, constant(Scalars.of(DType.INT64, index)), axis);
  }

  /**
   * Elements or slices of {@code x} by coordinates in the last axis of {@code indices}, in each of
   * the first {@code batchAxes} axes that the two share.
   */
  default Value gatherNd(Value x, Value indices, int batchAxes) {
    int coordinates = Math.toIntExact(indices.shape().size(-1));
    Shape shape =
        indices
            .shape()
            .subShape(0, indices.rank() - 1)
            .concat(x.shape().subShape(batchAxes + coordinates, x.rank()));
    return emit(
        "GatherND",
        Map.of("batch_dims", Attribute.of(batchAxes)),
        List.of(x, indices),
        x.dtype(),
        shape);
  }

  default Value gatherElements(Value x, Value indices, int axis) {
    int position = x.shape().axis(axis);
    return emit(
        "GatherElements",
        Map.of("axis", Attribute.of(position)),
        List.of(x, indices),
        x.dtype(),
        indices.shape());
  }

  /**
   * Repeats {@code x} by broadcasting to a shape, whose sizes may come from anywhere in the graph.
   */
  default Value expand(Value x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    return emit("Expand", Map.of(), List.of(x, sizesOf(shape)), x.dtype(), shape);
  }

  /** Repeats the whole of {@code x}, {@code repeats[i]} times along axis i. */
  default Value tile(Value x, long... repeats) {
    Shape shape = x.shape();
    for (int i = 0; i < repeats.length; i++) {
      Dim dim = shape.dim(i);
      Dim tiled = dim.isKnown() ? Dim.of(dim.size() * repeats[i]) : freshDim();
      shape = shape.with(i, repeats[i] == 1 ? dim : tiled);
    }
    return emit("Tile", Map.of(), List.of(x, longs(repeats)), x.dtype(), shape);
  }

  /** Pads with {@code value}; {@code before[i]} and {@code after[i]} elements at axis i. */
  default Value pad(Value x, long[] before, long[] after, double value) {
    return pad(x, "constant", before, after, scalar(x.dtype(), value));
  }

  /** Pads in an ONNX mode: constant, reflect, edge or wrap. */
  default Value pad(Value x, String mode, long[] before, long[] after, Value value) {
    Shape shape = x.shape();
    for (int i = 0; i < before.length; i++) {
      long added = before[i] + after[i];
      Dim dim = shape.dim(i);
      Dim padded = dim.isKnown() ? Dim.of(dim.size() + added) : freshDim();
      shape = shape.with(i, before[i] == 0 && after[i] == 0 ? dim : padded);
    }
    if (shape.equals(x.shape())) {
      return x;
    }
    long[] pads = Arrays.copyOf(before, before.length + after.length);
    System.arraycopy(after, 0, pads, before.length, after.length);
    List<Value> inputs =
        mode.equals("constant") ? List.of(x, longs(pads), value) : List.of(x, longs(pads));
    return emit("Pad", Map.of("mode", Attribute.of(mode)), inputs, x.dtype(), shape);
  }

  /** 0, 1, … up to the size of {@code dim}, as a vector of integers. */
  default Value range(Dim dim, DType dtype) {
    if (dim.isKnown()) {
      long[] values = IntStream.range(0, Math.toIntExact(dim.size())).asLongStream().toArray();
      return cast(longs(values), dtype);
    }
    return cast(range(sizeOf(dim), dim), dtype);
  }

  /** A dimension of a size that only a run tells, given as an int64 vector of one. */
  default Dim dimOf(Value size) {
    Dim dim = freshDim();
    range(size, dim);
    return dim;
  }

  private Value range(Value size, Dim dim) {
    return emit(
        "Range",
        Map.of(),
        List.of(scalar(DType.INT64, 0), squeeze(size, 0), scalar(DType.INT64, 1)),
        DType.INT64,
        Shape.of(dim));
  }

  /** A tensor of one number. */
  default Value fill(Shape shape, DType dtype, double value) {
    return expand(scalar(dtype, value), shape);
  }
}
