package io.alphorn.tensor;

import java.util.function.Supplier;

/**
 * A tensor of a file of tensors, read only when its turn comes.
 *
 * @param shape the dimensions; empty for a scalar
 * @param elements gives a tensor of this type and shape
 */
public record NamedTensor(String name, DType dtype, long[] shape, Supplier<Tensor> elements) {
  public static NamedTensor of(String name, Tensor tensor) {
    return new NamedTensor(name, tensor.dtype(), tensor.shape(), () -> tensor);
  }

  /** Bytes of all elements. */
  public long bytes() {
    return Math.multiplyExact(Tensor.elements(shape), dtype.bytes());
  }
}
