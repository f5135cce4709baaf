package io.alphorn.compiler.layers;

import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.OptionalLong;

/**
 * {@code keras.random.dropout}: elements become 0 at a rate, the others are scaled up so that the
 * expectation stays. Each run draws anew.
 *
 * @param seed of the layer; the layers that have the same one drop alike, as in Keras
 */
record Dropout(double rate, OptionalLong seed) {
  /** The dropout of a layer whose config has its rate under {@code argument}. */
  static Dropout of(OperationCall call, String argument) {
    return new Dropout(call.config().real(argument, 0), call.seed(0));
  }

  /** Drops elements each by itself. */
  Value apply(GraphBuilder g, Value x) {
    return apply(g, x, x.shape());
  }

  /**
   * Drops elements together along the axes where {@code noise} is 1.
   *
   * @param noise broadcast to the shape of {@code x}
   */
  Value apply(GraphBuilder g, Value x, Shape noise) {
    Value zero = g.scalar(x.dtype(), 0);
    if (rate >= 1) {
      return g.fill(x.shape(), x.dtype(), 0);
    }
    return g.where(kept(g, noise), g.mul(x, 1 / (1 - rate)), zero);
  }

  /** Which elements stay. */
  Value kept(GraphBuilder g, Shape noise) {
    Value drawn = g.uniformLike(g.fill(noise, DType.FLOAT32, 0), seed);
    return g.greaterOrEqual(drawn, g.scalar(DType.FLOAT32, rate));
  }

  /** A factor for each element of {@code shape}: 0, or what the others are scaled by. */
  Value mask(GraphBuilder g, Shape shape, DType dtype) {
    return apply(g, g.fill(shape, dtype, 1), shape);
  }
}
