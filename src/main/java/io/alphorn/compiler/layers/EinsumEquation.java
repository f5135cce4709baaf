package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An EinsumDense equation without its ellipsis: the axes that it elided have labels of their own.
 *
 * @param elided how many axes the ellipsis stands for
 * @param elidedLeft whether they stand before the named ones
 */
record EinsumEquation(String input, String kernel, String output, int elided, boolean elidedLeft) {
  private static final Pattern EQUATION =
      Pattern.compile(
          "(\\.\\.\\.)?([a-zA-Z]+)(\\.\\.\\.)?,([a-zA-Z]+)->(\\.\\.\\.)?([a-zA-Z]+)(\\.\\.\\.)?");

  static EinsumEquation of(String equation, int inputRank) {
    Matcher matcher = EQUATION.matcher(equation.replace(" ", ""));
    if (!matcher.matches()) {
      throw AlphornException.invalidArgument(
          "equation '%s' must be of the form X,Y->Z, ...X,Y->...Z or X...,Y->Z...", equation);
    }
    String input = matcher.group(2);
    String kernel = matcher.group(4);
    String output = matcher.group(6);
    int elided = inputRank - input.length();
    boolean left = matcher.group(1) != null;
    String labels = unused(input + kernel + output, elided);
    return left
        ? new EinsumEquation(labels + input, kernel, labels + output, elided, true)
        : new EinsumEquation(input + labels, kernel, output + labels, elided, false);
  }

  private static String unused(String used, int count) {
    StringBuilder labels = new StringBuilder();
    for (char label = 'a';
        labels.length() < count;
        label = label == 'z' ? 'A' : (char) (label + 1)) {
      if (used.indexOf(label) < 0) {
        labels.append(label);
      }
    }
    return labels.toString();
  }

  String text() {
    return input + "," + kernel + "->" + output;
  }

  /** The kernel's shape: sizes of the input where labels are shared, else of the output. */
  long[] kernelShape(Shape x, List<Dim> outputDims) {
    long[] shape = new long[kernel.length()];
    for (int i = 0; i < shape.length; i++) {
      int axis = input.indexOf(kernel.charAt(i));
      Dim dim = axis >= 0 ? x.dim(axis) : outputDims.get(output.indexOf(kernel.charAt(i)));
      if (!dim.isKnown()) {
        throw AlphornException.invalidArgument(
            "equation '%s': the size of '%c' is not known", text(), kernel.charAt(i));
      }
      shape[i] = dim.size();
    }
    return shape;
  }

  /**
   * The output's dimensions where the config tells them.
   *
   * @param given the config's output_shape, without the batch; -1 for what it leaves open
   */
  List<Dim> outputDims(Shape x, List<Long> given) {
    List<Dim> dims = new ArrayList<>();
    int named = output.length() - elided;
    int start = elidedLeft ? elided : 0;
    for (int axis = 0; axis < output.length(); axis++) {
      int fromInput = input.indexOf(output.charAt(axis));
      int index = axis - 1 - (elidedLeft ? Math.max(0, elided - 1) : 0);
      boolean isNamed = axis >= start && axis < start + named;
      if (fromInput >= 0) {
        dims.add(x.dim(fromInput));
      } else if (isNamed && index >= 0 && index < given.size() && given.get(index) >= 0) {
        dims.add(Dim.of(given.get(index)));
      } else {
        throw AlphornException.invalidArgument(
            "equation '%s': output_shape %s does not tell the size of '%c'",
            text(), given, output.charAt(axis));
      }
    }
    return dims;
  }

  /** The bias broadcasts from the first axis that it has to the last. */
  long[] biasShape(String axes, List<Dim> outputDims) {
    int first = output.length();
    for (char label : axes.toCharArray()) {
      first = Math.min(first, output.indexOf(label));
    }
    long[] shape = new long[output.length() - first];
    for (int axis = first; axis < output.length(); axis++) {
      boolean has = axes.indexOf(output.charAt(axis)) >= 0;
      shape[axis - first] = has ? outputDims.get(axis).size() : 1;
    }
    return shape;
  }

  /** Axes of the input that the output lacks. */
  int[] reducedInputAxes() {
    return axesWhere(input, label -> output.indexOf(label) < 0);
  }

  /** Axes of the kernel that the output lacks. */
  int[] reducedKernelAxes() {
    return axesWhere(kernel, label -> output.indexOf(label) < 0);
  }

  private interface Labels {
    boolean test(char label);
  }

  private static int[] axesWhere(String labels, Labels wanted) {
    return IntStream.range(0, labels.length()).filter(i -> wanted.test(labels.charAt(i))).toArray();
  }

  /** Whether it is one matrix product: no label is shared by all three, none is summed alone. */
  private boolean isMatrixProduct() {
    boolean shared = input.chars().anyMatch(c -> kernel.indexOf(c) >= 0 && output.indexOf(c) >= 0);
    boolean summedAlone =
        input.chars().anyMatch(c -> kernel.indexOf(c) < 0 && output.indexOf(c) < 0)
            || kernel.chars().anyMatch(c -> input.indexOf(c) < 0 && output.indexOf(c) < 0);
    return !shared && !summedAlone;
  }

  /** How two matrices are multiplied. */
  interface Product {
    Value of(Value rows, Value matrix);
  }

  /** Applies the equation; as one matrix product where it is one, which runs faster. */
  Value apply(GraphBuilder g, Value x, Value weights) {
    return isMatrixProduct()
        ? asMatrixProduct(g, x, weights, g::matMul)
        : g.einsum(text(), x, weights);
  }

  /**
   * Applies the equation as a matrix product of another kind.
   *
   * @throws AlphornException UNIMPLEMENTED when it is none
   */
  Value apply(GraphBuilder g, Value x, Value weights, Product product) {
    if (!isMatrixProduct()) {
      throw AlphornException.unimplemented("equation '%s' of quantized weights", text());
    }
    return asMatrixProduct(g, x, weights, product);
  }

  private Value asMatrixProduct(GraphBuilder g, Value x, Value weights, Product product) {
    String reduced = only(kernel, label -> output.indexOf(label) < 0);
    String kept = only(kernel, label -> output.indexOf(label) >= 0);
    String batch = only(output, label -> kernel.indexOf(label) < 0);
    Value rows = merged(g, permuted(g, x, input, batch + reduced), batch.length());
    Value permuted = permuted(g, weights, kernel, reduced + kept);
    Shape keptShape = permuted.shape().subShape(reduced.length(), permuted.rank());
    long columns = Tensor.elements(keptShape.sizes());
    Value matrix = g.reshape(permuted, Shape.of(rows.shape().size(-1), columns));
    Value result = product.of(rows, matrix);
    Shape shape = rows.shape().subShape(0, batch.length()).concat(keptShape);
    return permuted(g, g.reshape(result, shape), batch + kept, output);
  }

  private static String only(String labels, Labels wanted) {
    StringBuilder kept = new StringBuilder();
    for (char label : labels.toCharArray()) {
      if (wanted.test(label)) {
        kept.append(label);
      }
    }
    return kept.toString();
  }

  private static Value permuted(GraphBuilder g, Value x, String from, String to) {
    return g.transpose(x, to.chars().map(from::indexOf).toArray());
  }

  /** All axes from {@code axis} on as one. */
  private static Value merged(GraphBuilder g, Value x, int axis) {
    Shape rest = x.shape().subShape(axis, x.rank());
    Dim size = Dim.of(Tensor.elements(rest.sizes()));
    return g.reshape(x, x.shape().subShape(0, axis).append(size));
  }

  /** A scale of the input, kept in its reduced axes, shaped to broadcast with the output. */
  Value alignToOutput(GraphBuilder g, Value scale) {
    Value aligned = scale;
    String labels = input;
    for (int axis = input.length() - 1; axis >= 0; axis--) {
      if (output.indexOf(input.charAt(axis)) < 0) {
        aligned = g.squeeze(aligned, axis);
        labels = labels.substring(0, axis) + labels.substring(axis + 1);
      }
    }
    String present = labels;
    String ordered = only(output, label -> present.indexOf(label) >= 0);
    aligned = permuted(g, aligned, labels, ordered);
    for (int axis = 0; axis < output.length(); axis++) {
      if (ordered.indexOf(output.charAt(axis)) < 0) {
        aligned = g.unsqueeze(aligned, axis);
      }
    }
    return aligned;
  }
}
