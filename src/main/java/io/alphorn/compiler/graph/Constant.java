package io.alphorn.compiler.graph;

import io.alphorn.archive.FileRegion;
import io.alphorn.archive.StoredTensor;
import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** The elements of a constant value: known to the compiler, or standing in the archive. */
public sealed interface Constant {
  /** The elements; those of a stored constant are mapped from the archive. */
  Tensor read();

  /** Where the elements lie in a file as ONNX Runtime wants them, if they do. */
  Optional<FileRegion> region();

  record Literal(Tensor tensor) implements Constant {
    @Override
    public Tensor read() {
      return tensor;
    }

    @Override
    public Optional<FileRegion> region() {
      return Optional.empty();
    }
  }

  record Stored(StoredTensor tensor) implements Constant {
    @Override
    public Tensor read() {
      return tensor.read();
    }

    @Override
    public Optional<FileRegion> region() {
      return tensor.region();
    }
  }

  /** The same elements under another shape of the same size. */
  record Reshaped(Constant constant, List<Long> shape) implements Constant {
    @Override
    public Tensor read() {
      return constant.read().reshape(shape.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public Optional<FileRegion> region() {
      return constant.region();
    }
  }
}
