package io.alphorn.compiler.graph;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Matrix products, normalizations and activations. Convolutions stand in {@link Windows}. */
public interface NeuralOperators extends ReductionOperators {
  /** NumPy's matmul. */
  default Value matMul(Value a, Value b) {
    return emit("MatMul", Map.of(), List.of(a, b), a.dtype(), matMulShape(a.shape(), b.shape()));
  }

  /** The product of int8 matrices, summed in int32. */
  default Value matMulInteger(Value a, Value b) {
    Shape shape = matMulShape(a.shape(), b.shape());
    return emit("MatMulInteger", Map.of(), List.of(a, b), DType.INT32, shape);
  }

  /**
   * {@code (x - zero) * scale} of 8-bit integers. ONNX Runtime keeps {@code x} as it is, where it
   * would fold a Cast of a constant into one of four times its size.
   *
   * @param scale of each element along {@code axis}, or of each block of elements
   * @param zero as scale, in x's type; or NONE
   * @param block how many elements along {@code axis} share a scale; 0 for one an element
   */
  default Value dequantize(Value x, Value scale, Value zero, int axis, long block) {
    Map<String, Attribute> attributes =
        block == 0
            ? Map.of("axis", Attribute.of(axis))
            : Map.of("axis", Attribute.of(axis), "block_size", Attribute.of(block));
    List<Value> inputs = zero.isPresent() ? List.of(x, scale, zero) : List.of(x, scale);
    return emit("DequantizeLinear", attributes, inputs, scale.dtype(), x.shape());
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
