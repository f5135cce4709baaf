package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.Optional;

/**
 * {@code keras.ops.nn.dot_product_attention} over [batch, time, heads, size]. Follows {@code
 * keras/src/backend/tensorflow/nn.py}.
 */
public final class AttentionOps {
  /** What a hidden position's logit becomes; its softmax is 0 where any position is seen. */
  private static final double LARGE_NEGATIVE = -0.7 * 3.38953e38;

  private AttentionOps() {}

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.operation("nn", "DotProductAttention", AttentionOps::attention)
            .parameters("query", "key", "value", "bias", "mask", "scale"));
  }

  private static Nested<KerasTensor> attention(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    DType dtype = operands.strongType("query", "key", "value");
    Value query = operands.get("query").as(dtype);
    Value key = repeatHeads(g, operands.get("key").as(dtype), query);
    Value value = repeatHeads(g, operands.get("value").as(dtype), query);

    Value product = g.matMul(g.transpose(query, 0, 2, 1, 3), g.transpose(key, 0, 2, 3, 1));
    DType precise = Promotion.resultType(dtype, DType.FLOAT32);
    Value logits = g.mul(g.cast(product, precise), scale(operands, key, precise));
    Optional<Operand> bias = operands.find("bias");
    if (bias.isPresent()) {
      logits = g.add(logits, g.cast(bias.get().as(dtype), precise));
    }
    Value weights = g.softmax(hide(g, logits, operands), -1);
    Value heads = g.matMul(g.cast(weights, dtype), g.transpose(value, 0, 2, 1, 3));
    return output(g.transpose(heads, 0, 2, 1, 3));
  }

  /** Each key and value head serves a group of query heads; a single one serves all. */
  private static Value repeatHeads(GraphBuilder g, Value x, Value query) {
    long heads = x.shape().size(2);
    long groups = query.shape().size(2) / heads;
    if (heads == 1 || groups <= 1) {
      return x;
    }
    Value repeated = g.tile(g.unsqueeze(x, 3), 1, 1, 1, groups, 1);
    return g.reshape(repeated, x.shape().with(2, heads * groups));
  }

  private static Value scale(Operands operands, Value key, DType dtype) {
    GraphBuilder g = operands.graph();
    return operands
        .find("scale")
        .map(operand -> operand.as(dtype))
        .orElseGet(() -> g.scalar(dtype, 1 / (float) Math.sqrt(key.shape().size(3))));
  }

  private static Value hide(GraphBuilder g, Value logits, Operands operands) {
    Value hidden = g.scalar(logits.dtype(), LARGE_NEGATIVE);
    Value seen = logits;
    Optional<Operand> mask = operands.find("mask");
    if (mask.isPresent()) {
      seen = g.where(mask.get().as(DType.BOOL), seen, hidden);
    }
    return operands.bool("is_causal", false)
        ? g.where(causal(g, logits.shape()), seen, hidden)
        : seen;
  }

  /** Whether a query, by rows, sees a key, by columns: those up to its own position. */
  private static Value causal(GraphBuilder g, Shape logits) {
    Value queries = g.unsqueeze(g.range(logits.dim(2), DType.INT64), 1);
    return g.greaterOrEqual(queries, g.range(logits.dim(3), DType.INT64));
  }
}
