package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Promotion;
import io.alphorn.tensor.DType;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of projected heads, as the TensorFlow backend's {@code
 * dot_product_attention} computes it: scores and softmax in at least float32.
 */
public final class AttentionCore {
  /** What Keras puts in the place of masked scores: 0.7 of the least finite number. */
  private static final double LARGE_NEGATIVE = 3.38953e38 * -0.7;

  private AttentionCore() {}

  /**
   * The attention's output [B, T, N, H].
   *
   * @param query [B, T, N, H]
   * @param key [B, S, N, H]
   * @param value [B, S, N, H']
   * @param mask boolean, broadcast to [B, N, T, S]; null attends everywhere
   */
  public static Value dotProduct(
      GraphBuilder g, Value query, Value key, Value value, @Nullable Value mask, double scale) {
    DType precise = Promotion.resultType(query.dtype(), DType.FLOAT32);
    Value products = g.matMul(g.transpose(query, 0, 2, 1, 3), g.transpose(key, 0, 2, 3, 1));
    Value scores = g.mul(g.cast(products, precise), scale);
    if (mask != null) {
      scores = g.where(mask, scores, g.scalar(precise, LARGE_NEGATIVE));
    }
    Value weights = g.cast(g.softmax(scores, -1), key.dtype());
    Value heads = g.matMul(weights, g.transpose(value, 0, 2, 1, 3));
    return g.transpose(heads, 0, 2, 1, 3);
  }

  /** A boolean mask [T, S] of {@code query} [B, T, …] and {@code key} [B, S, …]: no future. */
  public static Value causalMask(GraphBuilder g, Value query, Value key) {
    return g.greaterOrEqual(rows(g, query), columns(g, key));
  }

  /** A boolean mask [T, S]: keys less than {@code window} places away. */
  public static Value slidingWindowMask(GraphBuilder g, Value query, Value key, long window) {
    Value distance = g.abs(g.sub(rows(g, query), columns(g, key)));
    return g.less(distance, g.scalar(DType.INT64, window));
  }

  private static Value rows(GraphBuilder g, Value query) {
    return g.unsqueeze(g.range(query.dim(1), DType.INT64), 1);
  }

  private static Value columns(GraphBuilder g, Value key) {
    return g.range(key.dim(1), DType.INT64);
  }

  /**
   * The Softmax layer with a mask: masked scores count for nothing, and a row that is masked
   * everywhere is zero.
   *
   * @param count how many last axes the softmax runs over
   */
  static Value maskedSoftmax(GraphBuilder g, Value scores, @Nullable Value mask, int count) {
    if (mask == null) {
      return softmax(g, scores, count);
    }
    double negative = scores.dtype() == DType.FLOAT16 ? -3e4 : -1e9;
    Value weights = softmax(g, g.where(mask, scores, g.scalar(scores.dtype(), negative)), count);
    return g.where(mask, weights, g.scalar(scores.dtype(), 0));
  }

  private static Value softmax(GraphBuilder g, Value scores, int count) {
    if (count == 1) {
      return g.softmax(scores, -1);
    }
    int[] axes = IntStream.rangeClosed(1, count).map(axis -> -axis).toArray();
    Value powers = g.exp(g.sub(scores, g.reduceMax(scores, true, axes)));
    return g.div(powers, g.reduceSum(powers, true, axes));
  }
}
