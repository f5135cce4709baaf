package io.alphorn.compiler.graph;

import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Matrix products, normalizations and activations. Convolutions stand in {@link Windows}. */
public interface NeuralOperators extends ReductionOperators {
  /** NumPy's matmul. */
  default Value matMul(Value a, Value b) {
    return emit("MatMul", Map.of(), List.of(a, b), a.dtype(), matMulShape(a.shape(), b.shape()));
  }

  private Shape matMulShape(Shape a, Shape b) {
    Shape left = a.rank() == 1 ? a.insert(0, Dim.of(1)) : a;
    Shape right = b.rank() == 1 ? b.append(Dim.of(1)) : b;
    Dim inner = left.dim(-1);
    Dim outer = right.dim(-2);
    if (inner.isKnown() && outer.isKnown() && !inner.equals(outer)) {
      throw AlphornException.invalidArgument("cannot multiply matrices of shapes %s and %s", a, b);
    }
    Shape batch = broadcast(left.subShape(0, left.rank() - 2), right.subShape(0, right.rank() - 2));
    List<Dim> dims = new ArrayList<>(batch.dims());
    if (a.rank() > 1) {
      dims.add(left.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(right.dim(-1));
    }
    return new Shape(dims);
  }

  /** Einstein's sum in NumPy's notation without an ellipsis. */
  default Value einsum(String equation, List<Value> operands) {
    return emit(
        "Einsum",
        Map.of("equation", Attribute.of(equation)),
        operands,
        operands.getFirst().dtype(),
        Einsums.shape(equation, operands.stream().map(Value::shape).toList()));
  }

  default Value einsum(String equation, Value... operands) {
    return einsum(equation, List.of(operands));
  }

  default Value softmax(Value x, int axis) {
    return unary("Softmax", Map.of("axis", Attribute.of(x.shape().axis(axis))), x);
  }

  default Value logSoftmax(Value x, int axis) {
    return unary("LogSoftmax", Map.of("axis", Attribute.of(x.shape().axis(axis))), x);
  }

  /** Normalizes over the axes from {@code axis} to the last. */
  default Value layerNormalization(Value x, Value scale, Value bias, int axis, double epsilon) {
    return emit(
        "LayerNormalization",
        Map.of("axis", Attribute.of(axis), "epsilon", Attribute.of(epsilon)),
        bias.isPresent() ? List.of(x, scale, bias) : List.of(x, scale),
        x.dtype(),
        x.shape());
  }

  /** {@code x} is channels-first; the other inputs are vectors over its axis 1. */
  default Value batchNormalization(
      Value x, Value scale, Value bias, Value mean, Value variance, double epsilon) {
    return emit(
        "BatchNormalization",
        Map.of("epsilon", Attribute.of(epsilon)),
        List.of(x, scale, bias, mean, variance),
        x.dtype(),
        x.shape());
  }
}
