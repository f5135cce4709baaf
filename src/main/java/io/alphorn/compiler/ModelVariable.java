package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;

/**
 * A variable of a model. Its elements stay in the archive's file until they are read, which may be
 * long after the archive was closed.
 *
 * @param path as Keras names it, the layers' names and the variable's own, as {@code dense/kernel};
 *     enclosing models and wrappers come first, so that it is the only one of its path
 * @param trainable whether training changes it; it does not when its layer is frozen
 */
public record ModelVariable(String path, boolean trainable, StoredTensor tensor) {
  public DType dtype() {
    return tensor.dtype();
  }

  /** The dimensions; empty for a scalar. */
  public long[] shape() {
    return tensor.shape();
  }

  /** The number of elements. */
  public long elements() {
    return Tensor.elements(tensor.shape());
  }

  /** Bytes of all elements. */
  public long bytes() {
    return elements() * dtype().bytes();
  }

  /** The elements; see {@link StoredTensor#read}. */
  public Tensor read() {
    return tensor.read();
  }

  /** Whether the variable is one of the layer's at {@code layerPath}, or of its sublayers'. */
  public boolean isIn(String layerPath) {
    return path.startsWith(layerPath + "/");
  }
}
