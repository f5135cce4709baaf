package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import java.util.Arrays;

/**
 * SpectralNormalization: at inference the wrapped layer runs with the kernel that training left; in
 * training with that kernel divided by its spectral norm, as the first step after loading has it.
 * https://keras.io/api/layers/normalization_layers/spectral_normalization/
 */
final class SpectralNormalizationLayer {
  /** 1 over {@code keras.backend.epsilon()}. */
  private static final double LARGEST_INVERSE_NORM = 1e7;

  private SpectralNormalizationLayer() {}

  static Nested<KerasTensor> lower(OperationCall call) {
    SerializedObject layer = call.config().serialized("layer");
    VariableScope scope =
        call.variables()
            .child("layer")
            .called(layer.name())
            .sharingFirst(call.variables(), kernel -> kernel(call, kernel));
    Value output = call.call(layer, scope, call.inputTensor()).value();
    return OperationCall.output(call.graph().cast(output, call.input().dtype()));
  }

  /** The variables of the wrapper are the kernel once more, and the vector of its norm. */
  private static Value kernel(OperationCall call, Value kernel) {
    call.variables().skip();
    Value vector = call.variables().nonTrainable("vector_u", 1, kernel.shape().size(-1));
    return call.training() ? normalized(call, kernel, vector) : kernel;
  }

  /** {@code normalized_weights}: the norm by power iteration; a kernel of zeros has none. */
  private static Value normalized(OperationCall call, Value kernel, Value vector) {
    GraphBuilder g = call.graph();
    long columns = kernel.shape().size(-1);
    long rows = Arrays.stream(kernel.shape().sizes()).reduce(1, Math::multiplyExact) / columns;
    Value weights = g.reshape(kernel, rows, columns);
    Value transposed = g.transpose(weights, 1, 0);
    Value u = g.cast(vector, kernel.dtype());
    Value v = u;
    for (long i = 0; i < call.config().integer("power_iterations", 1); i++) {
      v = unit(g, g.matMul(u, transposed));
      u = unit(g, g.matMul(v, weights));
    }
    Value norm = g.matMul(g.matMul(v, weights), g.transpose(u, 1, 0));
    Value zero = g.scalar(kernel.dtype(), 0);
    Value any = g.reduceMax(g.cast(g.notEqual(kernel, zero), DType.INT32), false);
    Value divided = g.div(kernel, g.reshape(norm, Shape.SCALAR));
    return g.where(g.cast(any, DType.BOOL), divided, kernel);
  }

  private static Value unit(GraphBuilder g, Value vector) {
    Value inverse = g.reciprocal(g.sqrt(g.reduceSum(g.square(vector), true, 0, 1)));
    return g.mul(vector, g.min(inverse, LARGEST_INVERSE_NORM));
  }
}
