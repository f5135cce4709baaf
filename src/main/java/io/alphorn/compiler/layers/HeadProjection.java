package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Addition;
import io.alphorn.keras.Config;
import io.alphorn.keras.SerializedObject;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The EinsumDense sublayers of multi-head attention: products over the last axes of an input. Each
 * is one matrix product, with its bias added before the heads are told apart.
 */
final class HeadProjection {
  private static final String LABELS = "abcdefghijklmnopqrstuvwxyz";

  private final OperationCall call;
  private final boolean useBias;

  HeadProjection(OperationCall call) {
    this.call = call;
    this.useBias = call.config().bool("use_bias", true);
  }

  /** [..., D] to [..., heads, size]. */
  Value toHeads(VariableScope scope, Value x, long heads, long size) {
    return project(scope, x, 1, heads, size);
  }

  /** [..., heads, size] to [..., sizes]. */
  Value fromHeads(VariableScope scope, Value x, long... sizes) {
    return project(scope, x, 2, sizes);
  }

  private Value project(VariableScope scope, Value x, int summed, long... sizes) {
    GraphBuilder g = call.graph();
    int free = x.rank() - summed;
    long inputs = product(x.shape().subShape(free, x.rank()).sizes());
    long outputs = product(sizes);
    long[] kernelShape =
        LongStream.concat(
                Arrays.stream(x.shape().subShape(free, x.rank()).sizes()), Arrays.stream(sizes))
            .toArray();
    Optional<StoredQuantization> quantization = StoredQuantization.of(scope, kernelShape, useBias);
    if (quantization.isPresent()) {
      return call.call(einsum(quantization.get(), free, summed, sizes), scope, KerasTensor.of(x))
          .value();
    }
    Shape freeShape = x.shape().subShape(0, free);
    Value kernel = g.cast(scope.trainable("kernel", kernelShape), call.computeType());
    Value rows = g.reshape(x, freeShape.append(Dim.of(inputs)));
    Value product = g.matMul(rows, g.reshape(kernel, inputs, outputs));
    Shape outputShape = freeShape.concat(Shape.of(sizes));
    if (!useBias) {
      return g.reshape(product, outputShape);
    }
    Value bias = g.cast(scope.trainable("bias", sizes), call.computeType());
    return Addition.divertedAxis(outputShape, bias.shape()).isPresent()
        ? Addition.add(g, g.reshape(product, outputShape), bias)
        : g.reshape(g.add(product, g.reshape(bias, outputs)), outputShape);
  }

  /** The sublayer as Keras makes it, with the policy that quantize gave it. */
  private SerializedObject einsum(
      StoredQuantization quantization, int free, int summed, long... sizes) {
    String rows = LABELS.substring(0, free);
    String inputs = LABELS.substring(free, free + summed);
    String outputs = LABELS.substring(free + summed, free + summed + sizes.length);
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put(
        "equation", "%s%s,%s%s->%s%s".formatted(rows, inputs, inputs, outputs, rows, outputs));
    ArrayNode outputShape = config.putArray("output_shape");
    IntStream.range(1, free).forEach(axis -> outputShape.addNull());
    Arrays.stream(sizes).forEach(outputShape::add);
    if (useBias) {
      config.put("bias_axes", outputs);
    }
    config.set("dtype", quantization.policy(call.computeType()));
    return new SerializedObject(
        "keras.layers", "EinsumDense", Config.of(config, call.config().place()), null, null);
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }
}
