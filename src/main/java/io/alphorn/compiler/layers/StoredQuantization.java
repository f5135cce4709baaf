package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.VariableScope;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * How a sublayer was quantized, told from its variables. {@code quantize} reaches the EinsumDense
 * layers inside attention, but Keras saves their policies nowhere, so that it cannot load such an
 * archive itself; the variables leave no doubt.
 *
 * @param mode int8, int4 or float8
 * @param blockSize of int4; -1 for one scale an output
 */
record StoredQuantization(String mode, long blockSize) {
  /**
   * The quantization of the layer whose variables are in {@code scope}; empty when it has none.
   *
   * @param kernelShape that the kernel has in floating point
   */
  static Optional<StoredQuantization> of(VariableScope scope, long[] kernelShape, boolean useBias) {
    int next = useBias ? 2 : 1;
    Optional<StoredTensor> kernel = scope.peek();
    Optional<StoredTensor> scale = scope.named(Integer.toString(next));
    if (kernel.isEmpty() || scale.isEmpty()) {
      return Optional.empty();
    }
    if (kernel.get().dtype() != DType.INT8) {
      return Optional.of(new StoredQuantization("float8", -1));
    }
    return Arrays.equals(kernel.get().shape(), kernelShape)
        ? Optional.of(new StoredQuantization("int8", -1))
        : Optional.of(new StoredQuantization("int4", blockSize(scope, next + 2)));
  }

  /** As many rows as are in the first group. */
  private static long blockSize(VariableScope scope, int groupIndices) {
    Optional<StoredTensor> stored = scope.named(Integer.toString(groupIndices));
    if (stored.isEmpty()) {
      return -1;
    }
    Tensor groups = stored.get().read();
    long rows = 0;
    while (rows < groups.size() && Casts.realAt(groups.bytes(), groups.dtype(), (int) rows) == 0) {
      rows++;
    }
    return rows;
  }

  /** The policy that Keras had in memory, as it serializes policies. */
  ObjectNode policy(DType compute) {
    ObjectNode policy = JsonNodeFactory.instance.objectNode();
    policy.put("module", "keras.dtype_policies");
    policy.put("class_name", "QuantizedDTypePolicy");
    policy
        .putObject("config")
        .put("mode", blockSize < 0 ? mode : mode + "/" + blockSize)
        .put("source_name", compute.toString());
    return policy;
  }
}
