package io.alphorn.compiler.graph;

import io.alphorn.archive.StoredTensor;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Adds nodes and constants to a graph under construction: what the operator families stand on. */
public interface Emitter {
  /** Type and shape of an output. */
  record Type(DType dtype, Shape shape) {}

  /** Adds a node of ONNX's own operator set. */
  List<Value> emit(
      String operator, Map<String, Attribute> attributes, List<Value> inputs, List<Type> outputs);

  /** Adds a node with one output. */
  default Value emit(
      String operator,
      Map<String, Attribute> attributes,
      List<Value> inputs,
      DType dtype,
      Shape shape) {
    return emit(operator, attributes, inputs, List.of(new Type(dtype, shape))).getFirst();
  }

  Value constant(Tensor tensor);

  Value constant(StoredTensor tensor);

  /** The constant's elements when {@code value} is one, else empty. */
  java.util.Optional<Constant> constantOf(Value value);

  /**
   * A dimension of its own, for a size that only a run can tell. The output that has it tells its
   * size.
   */
  Dim freshDim();

  /** A one-element int64 vector that holds the size of {@code dim} in each run. */
  Value sizeOf(Dim dim);

  /** An int64 vector that holds the sizes of {@code shape} in each run. */
  Value sizesOf(Shape shape);

  /** An int64 vector. */
  default Value longs(long... values) {
    return constant(Tensor.ofLongs(new long[] {values.length}, values));
  }

  /** A scalar of any numeric type or bool. */
  default Value scalar(DType dtype, double value) {
    return constant(Scalars.of(dtype, value));
  }

  /** The shape of two operands broadcast together, as NumPy does it. */
  default Shape broadcast(Shape a, Shape b) {
    return Broadcasting.of(a, b, this::freshDim);
  }
}
