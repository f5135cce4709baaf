package io.alphorn.compiler.ops;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What moves, joins and repeats elements in {@code keras.ops.numpy}. */
public final class NumpyShapes {
  private NumpyShapes() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Reshape", NumpyShapes::reshape),
        NumpyOperation.of("Ravel", o -> o.graph().flatten(o.tensor("x"))),
        NumpyOperation.of("Transpose", NumpyShapes::transpose),
        NumpyOperation.of("Swapaxes", NumpyShapes::swapAxes),
        NumpyOperation.of("Moveaxis", NumpyShapes::moveAxis),
        NumpyOperation.of("ExpandDims", NumpyShapes::expandDims),
        NumpyOperation.of("Squeeze", NumpyShapes::squeeze),
        NumpyOperation.of("BroadcastTo", NumpyShapes::broadcastTo),
        NumpyOperation.of("Flip", o -> flip(o, o.axes("axis", o.tensor("x").rank()))),
        NumpyOperation.of("Fliplr", o -> flip(o, 1)),
        NumpyOperation.of("Flipud", o -> flip(o, 0)),
        NumpyOperation.of("Roll", NumpyShapes::roll),
        NumpyOperation.of("Rot90", NumpyShapes::rotate).parameters("array"),
        NumpyOperation.of("Tile", NumpyShapes::tile),
        NumpyOperation.of("Repeat", NumpyShapes::repeat),
        NumpyOperation.of("Pad", NumpyShapes::pad).parameters("x", "constant_values"));
    registry.addAll(
        NumpyOperation.of("Concatenate", o -> concatenate(o, joined(o, "xs"), o.integer("axis", 0)))
            .parameters("xs"),
        NumpyOperation.of("Append", NumpyShapes::append).parameters("x1", "x2"),
        NumpyOperation.of("Stack", NumpyShapes::stack),
        NumpyOperation.of(
                "Hstack",
                o -> concatenate(o, atLeast(o, 1), joined(o, "xs").getFirst().rank() <= 1 ? 0 : 1))
            .parameters("xs"),
        NumpyOperation.of("Vstack", o -> concatenate(o, atLeast(o, 2), 0)).parameters("xs"),
        NumpyOperation.of("Dstack", o -> concatenate(o, atLeast(o, 3), 2)).parameters("xs"));
    registry.addAll(
        NumpyOperation.ofParts(
            "Split", o -> split(o, o.axis("axis", 0, o.tensor("x").rank()), false)),
        NumpyOperation.ofParts(
            "ArraySplit", o -> split(o, o.axis("axis", 0, o.tensor("x").rank()), true)),
        NumpyOperation.ofParts("Hsplit", o -> split(o, o.tensor("x").rank() == 1 ? 0 : 1, false)),
        NumpyOperation.ofParts("Vsplit", o -> split(o, 0, false)),
        NumpyOperation.ofParts("Dsplit", o -> split(o, 2, false)),
        NumpyOperation.ofParts("Meshgrid", NumpyShapes::meshgrid).parameters("*x"));
  }

  private static Value reshape(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    long[] sizes =
        o.get("newshape").items().stream()
            .mapToLong(item -> item.argument().isNone() ? -1 : item.integer())
            .toArray();
    long open = Arrays.stream(sizes).filter(size -> size == -1).count();
    if (open > 1) {
      // Keras wrote the symbolic shape: open sizes are those of the input, in order.
      return g.reshape(x, symbolic(x, sizes));
    }
    return g.reshape(x, sizes);
  }

  private static Shape symbolic(Value x, long[] sizes) {
    List<Dim> open = x.shape().dims().stream().filter(dim -> !dim.isKnown()).toList();
    List<Dim> dims = new ArrayList<>();
    int next = 0;
    for (long size : sizes) {
      if (size == -1 && next == open.size()) {
        throw AlphornException.invalidArgument(
            "cannot reshape %s to %s: more than one size is open",
            x.shape(), Arrays.toString(sizes));
      }
      dims.add(size == -1 ? open.get(next++) : Dim.of(size));
    }
    return new Shape(dims);
  }

  private static Value transpose(Operands o) {
    Value x = o.tensor("x");
    if (!o.has("axes")) {
      return o.graph()
          .transpose(x, IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).toArray());
    }
    return o.graph().transpose(x, o.axes("axes", x.rank()));
  }

  private static Value swapAxes(Operands o) {
    return o.graph()
        .swapAxes(
            o.tensor("x"),
            Math.toIntExact(o.integer("axis1")),
            Math.toIntExact(o.integer("axis2")));
  }

  private static Value moveAxis(Operands o) {
    Value x = o.tensor("x");
    int[] from = o.axes("source", x.rank());
    int[] to = o.axes("destination", x.rank());
    Integer[] order = new Integer[x.rank()];
    for (int i = 0; i < from.length; i++) {
      order[to[i]] = from[i];
    }
    List<Integer> rest =
        new ArrayList<>(
            IntStream.range(0, x.rank())
                .filter(axis -> Arrays.stream(from).noneMatch(moved -> moved == axis))
                .boxed()
                .toList());
    for (int i = 0; i < order.length; i++) {
      if (order[i] == null) {
        order[i] = rest.removeFirst();
      }
    }
    return o.graph().transpose(x, Arrays.stream(order).mapToInt(Integer::intValue).toArray());
  }

  private static Value expandDims(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    List<Long> axes = o.integers("axis");
    int rank = x.rank() + axes.size();
    int[] positions =
        axes.stream().mapToInt(axis -> Operands.position(axis, rank)).sorted().toArray();
    for (int axis : positions) {
      x = g.unsqueeze(x, axis);
    }
    return x;
  }

  private static Value squeeze(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    Value original = x;
    int[] axes =
        o.has("axis")
            ? o.axes("axis", x.rank())
            : IntStream.range(0, x.rank())
                .filter(axis -> original.dim(axis).equals(Dim.of(1)))
                .toArray();
    Arrays.sort(axes);
    for (int i = axes.length - 1; i >= 0; i--) {
      x = g.squeeze(x, axes[i]);
    }
    return x;
  }

  private static Value broadcastTo(Operands o) {
    Value x = o.tensor("x");
    List<Dim> dims = new ArrayList<>();
    List<Operand> sizes = o.get("shape").items();
    for (int i = 0; i < sizes.size(); i++) {
      int own = i - (sizes.size() - x.rank());
      boolean open = sizes.get(i).argument().isNone() || sizes.get(i).integer() < 0;
      dims.add(open ? x.dim(own) : Dim.of(sizes.get(i).integer()));
    }
    return o.graph().expand(x, new Shape(dims));
  }

  private static Value flip(Operands o, int... axes) {
    Value x = o.tensor("x");
    for (int axis : axes) {
      x = o.graph().reverse(x, axis);
    }
    return x;
  }

  private static Value roll(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    List<Long> shifts = o.integers("shift");
    if (!o.has("axis")) {
      return g.reshape(roll(g, g.flatten(x), 0, shifts.getFirst()), x.shape());
    }
    int[] axes = o.axes("axis", x.rank());
    for (int i = 0; i < axes.length; i++) {
      x = roll(g, x, axes[i], shifts.get(shifts.size() == 1 ? 0 : i));
    }
    return x;
  }

  private static Value roll(GraphBuilder g, Value x, int axis, long shift) {
    Dim dim = x.dim(axis);
    long by = dim.isKnown() && dim.size() > 0 ? Math.floorMod(shift, dim.size()) : shift;
    if (by == 0) {
      return x;
    }
    Value tail = g.slice(x, axis, -by, Long.MAX_VALUE);
    Value head = g.slice(x, axis, 0, -by);
    return g.concat(axis, tail, head);
  }

  private static Value rotate(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("array");
    long turns = Math.floorMod(o.integer("k", 1), 4);
    int[] axes = o.has("axes") ? o.axes("axes", x.rank()) : new int[] {0, 1};
    return switch ((int) turns) {
      case 1 -> g.reverse(g.swapAxes(x, axes[0], axes[1]), axes[0]);
      case 2 -> halfTurn(g, x, axes[0], axes[1]);
      case 3 -> g.swapAxes(g.reverse(x, axes[0]), axes[0], axes[1]);
      default -> x;
    };
  }

  /**
   * Two quarter turns. Keras's TensorFlow backend takes the first one's result for an array of the
   * first shape, which scrambles all but squares.
   */
  private static Value halfTurn(GraphBuilder g, Value x, int first, int second) {
    int[] order =
        IntStream.concat(
                IntStream.range(0, x.rank()).filter(axis -> axis != first && axis != second),
                IntStream.of(first, second))
            .toArray();
    Value flat = g.transpose(x, order);
    Value once = g.reshape(quarterTurn(g, flat), flat.shape());
    Value twice = g.reshape(quarterTurn(g, once), flat.shape());
    int[] back = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      back[order[i]] = i;
    }
    return g.transpose(twice, back);
  }

  private static Value quarterTurn(GraphBuilder g, Value x) {
    return g.swapAxes(g.reverse(x, x.rank() - 1), x.rank() - 2, x.rank() - 1);
  }

  private static Value tile(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    List<Long> repeats = new ArrayList<>(o.integers("repeats"));
    while (x.rank() < repeats.size()) {
      x = g.unsqueeze(x, 0);
    }
    while (repeats.size() < x.rank()) {
      repeats.addFirst(1L);
    }
    return g.tile(x, repeats.stream().mapToLong(Long::longValue).toArray());
  }

  private static Value repeat(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    List<Long> repeats = o.integers("repeats");
    int axis = o.has("axis") ? o.axis("axis", 0, x.rank()) : 0;
    Value source = o.has("axis") ? x : g.flatten(x);
    if (repeats.size() == 1) {
      return repeatEach(g, source, axis, repeats.getFirst());
    }
    List<Long> indices = new ArrayList<>();
    for (int i = 0; i < repeats.size(); i++) {
      for (long j = 0; j < repeats.get(i); j++) {
        indices.add((long) i);
      }
    }
    return g.gather(source, g.longs(indices.stream().mapToLong(Long::longValue).toArray()), axis);
  }

  private static Value repeatEach(GraphBuilder g, Value x, int axis, long times) {
    Value column = g.unsqueeze(x, axis + 1);
    Value repeated = g.expand(column, column.shape().with(axis + 1, times));
    Dim dim = x.dim(axis);
    if (dim.isKnown()) {
      return g.reshape(repeated, x.shape().with(axis, dim.size() * times));
    }
    long[] factors = new long[x.rank()];
    Arrays.fill(factors, 1);
    factors[axis] = times;
    Value sizes = g.mul(g.sizesOf(x.shape()), g.longs(factors));
    return g.emit(
        "Reshape",
        Map.of(),
        List.of(repeated, sizes),
        x.dtype(),
        x.shape().with(axis, g.freshDim()));
  }

  private static Value pad(Operands o) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    List<Operand> widths = o.get("pad_width").items();
    long[] before = new long[x.rank()];
    long[] after = new long[x.rank()];
    for (int axis = 0; axis < x.rank(); axis++) {
      List<Long> pair = widths.get(widths.size() == 1 ? 0 : axis).integers();
      before[axis] = pair.getFirst();
      after[axis] = pair.getLast();
    }
    String mode = o.string("mode", "constant");
    return switch (mode) {
      case "constant" -> {
        Value value =
            o.has("constant_values")
                ? o.get("constant_values").as(x.dtype())
                : g.scalar(x.dtype(), 0);
        yield g.pad(x, "constant", before, after, value);
      }
      case "reflect" -> g.pad(x, "reflect", before, after, Value.NONE);
      case "symmetric" -> symmetric(g, x, before, after);
      default ->
          throw AlphornException.unimplemented("argument 'mode' = \"%s\" is not supported", mode);
    };
  }

  /** Mirrors at the edge, the edge itself included: what ONNX's modes lack. */
  private static Value symmetric(GraphBuilder g, Value x, long[] before, long[] after) {
    Value padded = x;
    for (int axis = 0; axis < before.length; axis++) {
      List<Value> parts = new ArrayList<>();
      if (before[axis] > 0) {
        parts.add(g.reverse(g.slice(padded, axis, 0, before[axis]), axis));
      }
      parts.add(padded);
      if (after[axis] > 0) {
        parts.add(g.reverse(g.slice(padded, axis, -after[axis], Long.MAX_VALUE), axis));
      }
      padded = g.concat(axis, parts);
    }
    return padded;
  }

  /** The tensors of a list in one type. */
  private static List<Value> joined(Operands o, String name) {
    List<Operand> items = o.get(name).items();
    DType dtype = Promotion.resultType(items.stream().map(Operand::type).toList());
    return items.stream().map(item -> item.as(dtype)).toList();
  }

  private static Value concatenate(Operands o, List<Value> values, long axis) {
    return o.graph().concat(Math.toIntExact(axis), values);
  }

  private static List<Value> atLeast(Operands o, int rank) {
    GraphBuilder g = o.graph();
    List<Value> values = new ArrayList<>();
    for (Value value : joined(o, "xs")) {
      Value x = value;
      if (x.rank() == 0) {
        x = g.unsqueeze(x, 0);
      }
      if (rank >= 2 && x.rank() == 1) {
        x = g.unsqueeze(x, 0);
      }
      if (rank == 3 && x.rank() == 2) {
        x = g.unsqueeze(x, 2);
      }
      values.add(x);
    }
    return values;
  }

  private static Value append(Operands o) {
    GraphBuilder g = o.graph();
    DType dtype = o.resultType("x1", "x2");
    List<Value> values = o.as(dtype, "x1", "x2");
    if (!o.has("axis")) {
      return g.concat(0, values.stream().map(g::flatten).toList());
    }
    return g.concat(Math.toIntExact(o.integer("axis")), values);
  }

  private static Value stack(Operands o) {
    List<Value> values = joined(o, "x");
    int axis = Operands.position(o.integer("axis", 0), values.getFirst().rank() + 1);
    return o.graph().stack(axis, values);
  }

  private static List<Value> split(Operands o, int axis, boolean uneven) {
    GraphBuilder g = o.graph();
    Value x = o.tensor("x");
    Operand sections = o.get("indices_or_sections");
    if (sections.isList() || sections.argument() instanceof Nested.Array<KerasTensor>) {
      return splitAt(g, x, axis, sections.integers());
    }
    int count = Math.toIntExact(sections.integer());
    if (uneven) {
      return g.split(x, axis, unevenSizes(x.shape().size(axis), count));
    }
    return x.dim(axis).isKnown() ? g.split(x, axis, count) : splitOpen(g, x, axis, count);
  }

  private static List<Value> splitAt(GraphBuilder g, Value x, int axis, List<Long> bounds) {
    List<Value> parts = new ArrayList<>();
    long from = 0;
    for (long to : bounds) {
      parts.add(g.slice(x, axis, from, to));
      from = to;
    }
    parts.add(g.slice(x, axis, from, Long.MAX_VALUE));
    return parts;
  }

  /** Equal parts of an axis whose size only a run can tell, which it then must divide. */
  private static List<Value> splitOpen(GraphBuilder g, Value x, int axis, int count) {
    if (count == 1) {
      return List.of(x);
    }
    Shape leading = x.shape().subShape(0, axis);
    Shape trailing = x.shape().subShape(axis + 1, x.rank());
    List<Value> sizes = new ArrayList<>(leading.dims().stream().map(g::sizeOf).toList());
    sizes.add(g.longs(count, -1));
    trailing.dims().stream().map(g::sizeOf).forEach(sizes::add);
    Value parts =
        g.emit(
            "Reshape",
            Map.of(),
            List.of(x, g.concat(0, sizes)),
            x.dtype(),
            leading.append(Dim.of(count), g.freshDim()).concat(trailing));
    return IntStream.range(0, count).mapToObj(part -> g.take(parts, axis, part)).toList();
  }

  /** The first parts are one longer where the size is no multiple. */
  private static long[] unevenSizes(long size, int count) {
    long[] sizes = new long[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = size / count + (i < size % count ? 1 : 0);
    }
    return sizes;
  }

  private static List<Value> meshgrid(Operands o) {
    GraphBuilder g = o.graph();
    List<Value> axes = o.get("x").items().stream().map(item -> g.flatten(item.tensor())).toList();
    boolean swap = o.string("indexing", "xy").equals("xy") && axes.size() > 1;
    List<Dim> dims = new ArrayList<>(axes.stream().map(axis -> axis.dim(0)).toList());
    if (swap) {
      dims.set(0, axes.get(1).dim(0));
      dims.set(1, axes.get(0).dim(0));
    }
    List<Value> grids = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      int position = swap && i < 2 ? 1 - i : i;
      Value grid = axes.get(i);
      for (int after = position + 1; after < axes.size(); after++) {
        grid = g.unsqueeze(grid, -1);
      }
      grids.add(g.expand(grid, new Shape(dims)));
    }
    return grids;
  }
}
