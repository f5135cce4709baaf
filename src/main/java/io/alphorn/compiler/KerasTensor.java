package io.alphorn.compiler;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import org.jspecify.annotations.Nullable;

/**
 * A tensor between layers, with the mask that Keras attaches to it.
 *
 * @param mask boolean, true where the data counts; of the leading axes of {@code value}
 */
public record KerasTensor(Value value, @Nullable Value mask) {
  public static KerasTensor of(Value value) {
    return new KerasTensor(value, null);
  }

  public KerasTensor withMask(@Nullable Value newMask) {
    return new KerasTensor(value, newMask);
  }

  public DType dtype() {
    return value.dtype();
  }

  public Shape shape() {
    return value.shape();
  }

  public int rank() {
    return value.rank();
  }

  public Dim dim(long axis) {
    return value.dim(axis);
  }
}
