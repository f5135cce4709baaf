package io.alphorn.compiler.ops;

import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sums of products in {@code keras.ops.numpy}. */
public final class NumpyProducts {
  private NumpyProducts() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Matmul", NumpyProducts::matMul).parameters("x1", "x2"),
        NumpyOperation.of("Dot", o -> contracted(o, NumpyProducts::dot)).parameters("x1", "x2"),
        NumpyOperation.of("Inner", o -> contracted(o, NumpyProducts::inner)).parameters("x1", "x2"),
        NumpyOperation.of("Vdot", o -> contracted(o, NumpyProducts::vdot)).parameters("x1", "x2"),
        NumpyOperation.of("Tensordot", NumpyProducts::tensordot).parameters("x1", "x2"),
        NumpyOperation.of("Outer", o -> promoted(o, NumpyProducts::outer)).parameters("x1", "x2"),
        NumpyOperation.of("Kron", o -> promoted(o, NumpyProducts::kron)).parameters("x1", "x2"),
        NumpyOperation.of("Cross", NumpyProducts::cross).parameters("x1", "x2"),
        NumpyOperation.of("Einsum", NumpyProducts::einsum).parameters("*operands"));
  }

  /** int8 matrices are summed in int32; other integers in float32, as Keras does it. */
  private static Value matMul(Operands o) {
    GraphBuilder g = o.graph();
    Operand x1 = o.get("x1");
    Operand x2 = o.get("x2");
    boolean int8 = x1.dtype() == DType.INT8 && x2.dtype() == DType.INT8;
    if (int8 && x1.rank() != 1 && x2.rank() != 1) {
      return g.matMulInteger(x1.tensor(), x2.tensor());
    }
    return contracted(o, GraphBuilder::matMul);
  }

  /** A product computed in a floating type and given in the type of the operands. */
  private static Value contracted(Operands o, NumpyArithmetic.Binary product) {
    GraphBuilder g = o.graph();
    DType dtype = o.strongType("x1", "x2");
    List<Value> values = o.as(Promotion.withFloat(dtype), "x1", "x2");
    return g.cast(product.apply(g, values.get(0), values.get(1)), dtype);
  }

  private static Value promoted(Operands o, NumpyArithmetic.Binary product) {
    List<Value> values = o.as(o.strongType("x1", "x2"), "x1", "x2");
    return product.apply(o.graph(), values.get(0), values.get(1));
  }

  /** The last axis with the last but one, or with the only one. */
  private static Value dot(GraphBuilder g, Value a, Value b) {
    if (a.rank() == 0 || b.rank() == 0) {
      return g.mul(a, b);
    }
    return b.rank() <= 2
        ? g.matMul(a, b)
        : contract(g, a, b, List.of(a.rank() - 1), List.of(b.rank() - 2));
  }

  /** The last axis with the last. */
  private static Value inner(GraphBuilder g, Value a, Value b) {
    if (a.rank() == 0 || b.rank() == 0) {
      return g.mul(a, b);
    }
    return b.rank() == 1
        ? g.matMul(a, b)
        : contract(g, a, b, List.of(a.rank() - 1), List.of(b.rank() - 1));
  }

  private static Value vdot(GraphBuilder g, Value a, Value b) {
    return g.reduceSum(g.mul(g.flatten(a), g.flatten(b)), false);
  }

  private static Value outer(GraphBuilder g, Value a, Value b) {
    return g.mul(g.unsqueeze(g.flatten(a), 1), g.flatten(b));
  }

  /** https://keras.io/api/ops/numpy/#tensordot */
  private static Value tensordot(Operands o) {
    GraphBuilder g = o.graph();
    DType dtype = o.strongType("x1", "x2");
    boolean narrow = dtype == DType.BOOL || (dtype.isInteger() && dtype.bytes() < 4);
    DType inner = narrow || dtype.isUnsigned() ? Promotion.withFloat(dtype) : dtype;
    List<Value> values = o.as(inner, "x1", "x2");
    Value a = values.get(0);
    Value b = values.get(1);
    List<Integer> left = new ArrayList<>();
    List<Integer> right = new ArrayList<>();
    Optional<Operand> axes = o.find("axes");
    if (axes.isPresent() && axes.get().isList()) {
      List<Operand> sides = axes.get().items();
      sides.get(0).integers().forEach(axis -> left.add(Operands.position(axis, a.rank())));
      sides.get(1).integers().forEach(axis -> right.add(Operands.position(axis, b.rank())));
    } else {
      int count = Math.toIntExact(o.integer("axes", 2));
      for (int i = 0; i < count; i++) {
        left.add(a.rank() - count + i);
        right.add(i);
      }
    }
    return g.cast(contract(g, a, b, left, right), dtype);
  }

  /** Sums over pairs of axes; the axes left of {@code a} come first, then those of {@code b}. */
  private static Value contract(
      GraphBuilder g, Value a, Value b, List<Integer> left, List<Integer> right) {
    if (left.size() != right.size()) {
      throw AlphornException.invalidArgument("axes %s do not pair with axes %s", left, right);
    }
    char[] first = labels('a', a.rank());
    char[] second = labels('A', b.rank());
    for (int i = 0; i < left.size(); i++) {
      second[right.get(i)] = first[left.get(i)];
    }
    String kept = free(first, left) + free(second, right);
    return g.einsum(new String(first) + "," + new String(second) + "->" + kept, a, b);
  }

  private static char[] labels(char from, int count) {
    char[] labels = new char[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (char) (from + i);
    }
    return labels;
  }

  private static String free(char[] labels, List<Integer> summed) {
    return IntStream.range(0, labels.length)
        .filter(axis -> !summed.contains(axis))
        .mapToObj(axis -> Character.toString(labels[axis]))
        .collect(Collectors.joining());
  }

  /** https://keras.io/api/ops/numpy/#kron */
  private static Value kron(GraphBuilder g, Value a, Value b) {
    int rank = Math.max(a.rank(), b.rank());
    Value left = withRank(g, a, rank);
    Value right = withRank(g, b, rank);
    if (rank == 0) {
      return g.mul(left, right);
    }
    Value sizes = g.mul(g.sizesOf(left.shape()), g.sizesOf(right.shape()));
    Value spreadLeft = left;
    Value spreadRight = right;
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      spreadLeft = g.unsqueeze(spreadLeft, 2 * axis + 1);
      spreadRight = g.unsqueeze(spreadRight, 2 * axis);
      Dim i = left.dim(axis);
      Dim j = right.dim(axis);
      boolean known = i.isKnown() && j.isKnown();
      dims.add(known ? Dim.of(i.size() * j.size()) : g.freshDim());
    }
    Value products = g.mul(spreadLeft, spreadRight);
    return g.emit("Reshape", Map.of(), List.of(products, sizes), products.dtype(), new Shape(dims));
  }

  private static Value withRank(GraphBuilder g, Value x, int rank) {
    Value aligned = x;
    while (aligned.rank() < rank) {
      aligned = g.unsqueeze(aligned, 0);
    }
    return aligned;
  }

  /** https://keras.io/api/ops/numpy/#cross */
  private static Value cross(Operands o) {
    GraphBuilder g = o.graph();
    List<Value> values = o.as(o.strongType("x1", "x2"), "x1", "x2");
    Value a = g.moveAxis(values.get(0), vectorAxis(o, "axisa", values.get(0)), -1);
    Value b = g.moveAxis(values.get(1), vectorAxis(o, "axisb", values.get(1)), -1);
    if (a.shape().size(-1) == 2 && b.shape().size(-1) == 2) {
      return g.squeeze(determinant(g, a, b, 0, 1), -1);
    }
    Value left = inSpace(g, a);
    Value right = inSpace(g, b);
    Value product =
        g.concat(
            Math.max(a.rank(), b.rank()) - 1,
            determinant(g, left, right, 1, 2),
            determinant(g, left, right, 2, 0),
            determinant(g, left, right, 0, 1));
    return g.moveAxis(product, -1, vectorAxis(o, "axisc", product));
  }

  private static int vectorAxis(Operands o, String name, Value x) {
    return o.axis(o.has("axis") ? "axis" : name, -1, x.rank());
  }

  private static Value inSpace(GraphBuilder g, Value x) {
    if (x.shape().size(-1) != 2) {
      return x;
    }
    long[] after = new long[x.rank()];
    after[x.rank() - 1] = 1;
    return g.pad(x, new long[x.rank()], after, 0);
  }

  private static Value determinant(GraphBuilder g, Value a, Value b, int i, int j) {
    return g.sub(
        g.mul(component(g, a, i), component(g, b, j)),
        g.mul(component(g, a, j), component(g, b, i)));
  }

  private static Value component(GraphBuilder g, Value x, int index) {
    return g.slice(x, -1, index, index + 1);
  }

  /** https://keras.io/api/ops/numpy/#einsum: integers are summed in float32, int8 exactly. */
  private static Value einsum(Operands o) {
    GraphBuilder g = o.graph();
    List<Operand> items = o.get("operands").items();
    boolean int8 = items.stream().allMatch(item -> item.dtype() == DType.INT8);
    DType dtype =
        int8
            ? DType.INT32
            : Promotion.resultType(
                items.stream().map(item -> Promotion.Type.of(item.dtype())).toList());
    DType inner = dtype.isInteger() && !int8 ? DType.FLOAT32 : dtype;
    List<Value> values = items.stream().map(item -> item.as(inner)).toList();
    String equation = explicit(o.get("subscripts").string().replace(" ", ""), values);
    return g.cast(g.einsum(equation, values), dtype);
  }

  /** Labels in place of an ellipsis, and the output that NumPy implies where none is given. */
  private static String explicit(String subscripts, List<Value> values) {
    String[] sides = subscripts.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (terms.length != values.size()) {
      throw AlphornException.invalidArgument(
          "equation '%s' does not fit %d operands", subscripts, values.size());
    }
    int widest = 0;
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].contains("...")) {
        widest = Math.max(widest, values.get(i).rank() - (terms[i].length() - 3));
      }
    }
    String spare = spareLabels(subscripts, widest);
    for (int i = 0; i < terms.length; i++) {
      int elided = values.get(i).rank() - (terms[i].length() - 3);
      terms[i] =
          terms[i].contains("...")
              ? terms[i].replace("...", spare.substring(widest - elided))
              : terms[i];
    }
    String inputs = String.join(",", terms);
    String outputLabels =
        sides.length == 2 ? sides[1].replace("...", spare) : implied(inputs, spare);
    return inputs + "->" + outputLabels;
  }

  private static String spareLabels(String used, int count) {
    return IntStream.rangeClosed('A', 'Z')
        .filter(label -> used.indexOf(label) < 0)
        .limit(count)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static String implied(String inputs, String spare) {
    return spare
        + inputs
            .chars()
            .filter(label -> Character.isLetter(label) && spare.indexOf(label) < 0)
            .filter(label -> inputs.indexOf(label) == inputs.lastIndexOf(label))
            .sorted()
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
  }
}
