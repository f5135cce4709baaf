package io.alphorn.archive;

import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Optional;

/** An array in a file of weights: its type, its shape, and where its bytes lie. */
public interface StoredTensor {
  /** The slash path in its file, as {@code layers/dense/vars/0}. */
  String path();

  DType dtype();

  /** The dimensions; empty for a scalar. */
  long[] shape();

  /**
   * The elements. Where the file holds them contiguous and little-endian this is a view of the
   * mapped file and copies nothing; the view stays valid after the archive is closed.
   *
   * @throws io.alphorn.error.AlphornException INVALID_ARGUMENT when the stored bytes are damaged;
   *     RESOURCE_EXHAUSTED when they need more than the limits allow
   */
  Tensor read();

  /**
   * Where the elements lie in a file, when they lie there as ONNX Runtime wants them: contiguous,
   * uncompressed, little-endian and in row-major order.
   */
  Optional<FileRegion> region();
}
