package io.alphorn.compiler.tensorflow;

import static io.alphorn.compiler.tensorflow.TensorFlowCall.leaf;
import static io.alphorn.compiler.tensorflow.TensorFlowCall.only;
import static io.alphorn.compiler.tensorflow.TensorFlowFunction.operation;
import static io.alphorn.compiler.tensorflow.TensorFlowFunctions.integer;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Operand;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Functions of TensorFlow that make, move, join and pick elements. */
final class TensorFlowShapes {
  private TensorFlowShapes() {}

  static void addTo(Map<String, TensorFlowFunction> functions) {
    functions.put("cast", operation("Cast", "x", "dtype"));
    functions.put("identity", TensorFlowFunction.of(TensorFlowShapes::same, "x"));
    functions.put("stop_gradient", TensorFlowFunction.of(TensorFlowShapes::same, "x"));
    functions.put("convert_to_tensor", TensorFlowFunction.of(TensorFlowShapes::same, "value"));
    functions.put("shape", TensorFlowFunction.of(TensorFlowShapes::shape, "input", "out_type"));
    functions.put("reshape", TensorFlowFunction.of(TensorFlowShapes::reshape, "tensor", "shape"));
    functions.put("zeros", TensorFlowFunction.of(call -> filled(call, 0), "shape", "dtype"));
    functions.put("ones", TensorFlowFunction.of(call -> filled(call, 1), "shape", "dtype"));
    functions.put("zeros_like", operation("ZerosLike", "input=x", "dtype"));
    functions.put("ones_like", operation("OnesLike", "input=x", "dtype"));
    functions.put("broadcast_to", operation("BroadcastTo", "input=x", "shape"));
    functions.put("expand_dims", operation("ExpandDims", "input=x", "axis"));
    functions.put("squeeze", operation("Squeeze", "input=x", "axis"));
    functions.put("transpose", operation("Transpose", "a=x", "perm=axes"));
    functions.put("concat", operation("Concatenate", "values=xs", "axis"));
    functions.put("stack", operation("Stack", "values=x", "axis"));
    functions.put(
        "unstack", TensorFlowFunction.of(TensorFlowShapes::unstack, "value", "num", "axis"));
    functions.put("split", TensorFlowFunction.of(TensorFlowShapes::split, "value", SPLITS, "axis"));
    functions.put("tile", operation("Tile", "input=x", "multiples=repeats"));
    functions.put("repeat", operation("Repeat", "input=x", "repeats", "axis"));
    functions.put("roll", operation("Roll", "input=x", "shift", "axis"));
    functions.put("reverse", operation("Flip", "tensor=x", "axis"));
    functions.put(
        "pad",
        TensorFlowFunction.of(
            TensorFlowShapes::pad, "tensor", "paddings", "mode", "constant_values"));
    functions.put(
        "slice", TensorFlowFunction.of(TensorFlowShapes::slice, "input_", "begin", "size"));
    functions.put(
        "gather",
        TensorFlowFunction.of(TensorFlowShapes::gather, "params", "indices", "axis", "batch_dims"));
    functions.put(
        "one_hot", operation("OneHot", "indices=x", "depth=num_classes", "axis", "dtype"));
    functions.put(
        "linalg.band_part",
        TensorFlowFunction.of(TensorFlowShapes::bandPart, "input", "num_lower", "num_upper"));
    functions.put("nn.depth_to_space", operation("DepthToSpace", "input=x", "block_size"));
    functions.put("nn.space_to_depth", operation("SpaceToDepth", "input=x", "block_size"));
    functions.put("einsum", TensorFlowFunction.of(TensorFlowShapes::einsum, "equation"));
  }

  private static final String SPLITS = "num_or_size_splits";

  private static Nested<KerasTensor> same(TensorFlowCall call) {
    return leaf(call.tensor(call.has("x") ? "x" : "value"));
  }

  private static Nested<KerasTensor> shape(TensorFlowCall call) {
    Shape shape = call.tensor("input").shape();
    DType dtype = DType.of(call.text("out_type", "int32"));
    Value sizes = call.graph().cast(call.graph().sizesOf(shape), dtype);
    call.holdsSizes(sizes, shape.dims());
    return leaf(sizes);
  }

  private static Nested<KerasTensor> reshape(TensorFlowCall call) {
    Value x = call.tensor("tensor");
    List<@Nullable Dim> dims = dims(call, call.operand("shape"));
    if (dims.stream().allMatch(dim -> dim == null || dim.isKnown())) {
      return leaf(
          call.graph()
              .reshape(x, dims.stream().mapToLong(dim -> dim == null ? -1 : dim.size()).toArray()));
    }
    List<Dim> whole = new ArrayList<>();
    for (Dim dim : dims) {
      whole.add(dim == null ? rest(call, x.shape(), dims) : dim);
    }
    return leaf(call.graph().reshape(x, new Shape(whole)));
  }

  /** What is left for the size that the others determine. */
  private static Dim rest(TensorFlowCall call, Shape source, List<@Nullable Dim> target) {
    List<Dim> left = new ArrayList<>(source.dims());
    long divisor = 1;
    int open = 0;
    for (Dim dim : target) {
      if (dim == null) {
        open++;
      } else if (dim.isKnown()) {
        divisor *= dim.size();
      } else if (!left.remove(dim)) {
        open++;
      }
    }
    List<Dim> symbols = left.stream().filter(dim -> !dim.isKnown()).toList();
    long size = left.stream().filter(Dim::isKnown).mapToLong(Dim::size).reduce(1, (a, b) -> a * b);
    if (open == 1 && symbols.isEmpty() && size % divisor == 0) {
      return Dim.of(size / divisor);
    }
    if (open == 1 && symbols.size() == 1 && size == divisor) {
      return symbols.getFirst();
    }
    throw call.unsupported("reshaping " + source + " to sizes that are not known");
  }

  /** The sizes that a shape argument gives; null for one that the others determine. */
  private static List<@Nullable Dim> dims(TensorFlowCall call, Operand shape) {
    Optional<List<Dim>> held = call.sizes(shape.argument());
    if (held.isPresent()) {
      return new ArrayList<>(held.get());
    }
    List<@Nullable Dim> dims = new ArrayList<>();
    if (shape.isList() && !shape.argument().leaves().isEmpty()) {
      shape.items().forEach(item -> dims.add(dim(call, item)));
    } else {
      shape.integers().forEach(size -> dims.add(size < 0 ? null : Dim.of(size)));
    }
    return dims;
  }

  private static @Nullable Dim dim(TensorFlowCall call, Operand size) {
    if (size.argument() instanceof Nested.Leaf<KerasTensor>) {
      return call.sizes(size.argument())
          .filter(dims -> dims.size() == 1)
          .map(List::getFirst)
          .orElse(null);
    }
    return size.integer() < 0 ? null : Dim.of(size.integer());
  }

  private static Nested<KerasTensor> filled(TensorFlowCall call, double value) {
    DType dtype = DType.of(call.text("dtype", "float32"));
    List<Dim> dims = new ArrayList<>();
    for (Dim dim : dims(call, call.operand("shape"))) {
      if (dim == null) {
        throw call.unsupported("a tensor of sizes that are not known");
      }
      dims.add(dim);
    }
    GraphBuilder g = call.graph();
    return leaf(g.expand(g.scalar(dtype, value), new Shape(dims)));
  }

  private static Nested<KerasTensor> unstack(TensorFlowCall call) {
    Value x = call.tensor("value");
    Nested<KerasTensor> parts =
        call.operation("Unstack", Map.of("x", leaf(x), "axis", integer(call.integer("axis", 0))));
    Optional<List<Dim>> held = call.sizes(call.operand("value").argument());
    List<KerasTensor> values = parts.leaves();
    for (int i = 0; held.isPresent() && i < values.size(); i++) {
      call.holdsSizes(values.get(i).value(), List.of(held.get().get(i)));
    }
    return parts;
  }

  /** Into equal parts, or into parts of these sizes. */
  private static Nested<KerasTensor> split(TensorFlowCall call) {
    Operand splits = call.operand(SPLITS);
    Nested<KerasTensor> sections = splits.argument();
    if (splits.isList()) {
      List<Nested<KerasTensor>> ends = new ArrayList<>();
      long end = 0;
      for (long size : splits.integers().subList(0, splits.integers().size() - 1)) {
        end += size;
        ends.add(integer(end));
      }
      sections = new Nested.Items<>(ends);
    }
    return call.operation(
        "Split",
        Map.of(
            "x", leaf(call.tensor("value")),
            "indices_or_sections", sections,
            "axis", integer(call.integer("axis", 0))));
  }

  private static Nested<KerasTensor> pad(TensorFlowCall call) {
    String mode = call.text("mode", "CONSTANT").toLowerCase(Locale.ROOT);
    Nested<KerasTensor> value =
        mode.equals("constant") && call.has("constant_values")
            ? call.operand("constant_values").argument()
            : new Nested.None<>();
    return call.operation(
        "Pad",
        Map.of(
            "x",
            leaf(call.tensor("tensor")),
            "pad_width",
            call.operand("paddings").argument(),
            "mode",
            new Nested.Text<>(mode),
            "constant_values",
            value));
  }

  private static Nested<KerasTensor> slice(TensorFlowCall call) {
    List<Long> begins = call.operand("begin").integers();
    List<Long> sizes = call.operand("size").integers();
    List<Nested<KerasTensor>> key = new ArrayList<>();
    for (int axis = 0; axis < begins.size(); axis++) {
      long begin = begins.get(axis);
      Nested<KerasTensor> end =
          sizes.get(axis) < 0 ? new Nested.None<>() : integer(begin + sizes.get(axis));
      key.add(new Nested.Slice<>(integer(begin), end, new Nested.None<>()));
    }
    return call.operation(
        "GetItem", Map.of("x", leaf(call.tensor("input_")), "key", new Nested.Items<>(key)));
  }

  private static Nested<KerasTensor> gather(TensorFlowCall call) {
    if (call.integer("batch_dims", 0) != 0) {
      throw call.unsupported("batch_dims");
    }
    return call.operation(
        "Take",
        Map.of(
            "x", leaf(call.tensor("params")),
            "indices", call.operand("indices").argument(),
            "axis", integer(call.integer("axis", 0))));
  }

  /** Zeros below and above so many diagonals; negative keeps all. */
  private static Nested<KerasTensor> bandPart(TensorFlowCall call) {
    Value x = call.tensor("input");
    long lower = call.integer("num_lower", -1);
    long upper = call.integer("num_upper", -1);
    if (lower >= 0) {
      x = only(call.operation("Triu", Map.of("x", leaf(x), "k", integer(-lower))));
    }
    return upper < 0 ? leaf(x) : call.operation("Tril", Map.of("x", leaf(x), "k", integer(upper)));
  }

  private static Nested<KerasTensor> einsum(TensorFlowCall call) {
    throw AlphornException.failedPrecondition(
        "Keras 2 saved tf.einsum('%s') without its operands. Use keras.layers.Dot, EinsumDense or"
            + " tf.matmul in its place, and save the model again",
        call.text("equation", ""));
  }
}
