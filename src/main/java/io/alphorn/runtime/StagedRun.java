package io.alphorn.runtime;

import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One run on its way through the stages: the values that are there so far. For one thread. */
final class StagedRun {
  private final Map<String, Tensor> values = new HashMap<>();
  private final Dimensions dimensions;
  private final BufferSource memory;
  private final Cancellation cancellation;

  StagedRun(
      CompiledEndpoint endpoint,
      List<Tensor> inputs,
      Dimensions dimensions,
      BufferSource memory,
      Cancellation cancellation) {
    this.dimensions = dimensions;
    this.memory = memory;
    this.cancellation = cancellation;
    for (int i = 0; i < inputs.size(); i++) {
      put(endpoint.sources().get(i), inputs.get(i));
    }
  }

  Cancellation cancellation() {
    return cancellation;
  }

  Tensor get(Value value) {
    return Objects.requireNonNull(values.get(value.name()), value.name());
  }

  void put(Value value, Tensor tensor) {
    values.put(value.name(), tensor);
  }

  /** The sizes of {@code shape} in this run; null when its inputs do not tell them. */
  long @Nullable [] resolve(Shape shape) {
    return dimensions.resolve(shape);
  }

  /** A tensor to be written to. */
  Tensor allocate(DType dtype, long[] shape) {
    long bytes = Math.multiplyExact(Tensor.elements(shape), dtype.bytes());
    return Tensor.of(dtype, shape, memory.allocate(bytes));
  }
}
