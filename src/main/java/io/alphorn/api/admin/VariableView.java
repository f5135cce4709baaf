package io.alphorn.api.admin;

import io.alphorn.compiler.ModelVariable;
import io.alphorn.tensor.BasicSlice;
import io.alphorn.tensor.NamedTensor;
import io.alphorn.tensor.Tensor;
import java.util.Optional;

/** A variable, or the part of it that a request asks for. */
record VariableView(ModelVariable variable, Optional<Tensor> part) {
  static VariableView whole(ModelVariable variable) {
    return new VariableView(variable, Optional.empty());
  }

  static VariableView of(ModelVariable variable, Optional<BasicSlice> slice) {
    return new VariableView(variable, slice.map(chosen -> chosen.apply(variable.read())));
  }

  long[] shape() {
    return part.map(Tensor::shape).orElseGet(variable::shape);
  }

  long elements() {
    return Tensor.elements(shape());
  }

  Tensor read() {
    return part.orElseGet(variable::read);
  }

  NamedTensor named() {
    return new NamedTensor(variable.path(), variable.dtype(), shape(), this::read);
  }
}
