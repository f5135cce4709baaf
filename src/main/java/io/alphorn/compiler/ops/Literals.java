package io.alphorn.compiler.ops;

import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Numbers and lists of Python as the tensors that TensorFlow's {@code constant} makes of them. */
final class Literals {
  private Literals() {}

  /** The tensor, unless the value holds something else than numbers, or lists of uneven length. */
  static <T> Optional<Tensor> tensor(Nested<T> value) {
    if (value instanceof Nested.Array<T>(Tensor tensor)) {
      return Optional.of(tensor);
    }
    List<Nested<T>> scalars = new ArrayList<>();
    List<Long> shape = new ArrayList<>();
    if (!flatten(value, 0, shape, scalars)) {
      return Optional.empty();
    }
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    DType dtype = dtype(scalars);
    ByteBuffer bytes = Tensor.allocate(dtype, sizes);
    scalars.forEach(scalar -> bytes.put(scalar(scalar, dtype).bytes()));
    return Optional.of(Tensor.of(dtype, sizes, bytes.flip()));
  }

  private static <T> boolean flatten(
      Nested<T> value, int level, List<Long> shape, List<Nested<T>> scalars) {
    if (value instanceof Nested.Items<T>(List<Nested<T>> items)) {
      if (shape.size() == level) {
        shape.add((long) items.size());
      }
      return shape.get(level) == items.size()
          && items.stream().allMatch(item -> flatten(item, level + 1, shape, scalars));
    }
    scalars.add(value);
    return level == shape.size()
        && (value instanceof Nested.Int<T>
            || value instanceof Nested.Real<T>
            || value instanceof Nested.Bool<T>);
  }

  private static <T> DType dtype(List<Nested<T>> scalars) {
    if (scalars.isEmpty() || scalars.stream().anyMatch(Nested.Real.class::isInstance)) {
      return DType.FLOAT32;
    }
    if (scalars.stream().allMatch(Nested.Bool.class::isInstance)) {
      return DType.BOOL;
    }
    return scalars.stream().allMatch(Literals::fitsInt32) ? DType.INT32 : DType.INT64;
  }

  private static <T> boolean fitsInt32(Nested<T> scalar) {
    return !(scalar instanceof Nested.Int<T>(long value)) || value == (int) value;
  }

  private static <T> Tensor scalar(Nested<T> scalar, DType dtype) {
    return switch (scalar) {
      case Nested.Int<T>(long value) -> Scalars.of(dtype, value);
      case Nested.Real<T>(double value) -> Scalars.of(dtype, value);
      case Nested.Bool<T>(boolean value) -> Scalars.of(dtype, value ? 1 : 0);
      default -> throw new IllegalStateException("no scalar: " + scalar);
    };
  }
}
