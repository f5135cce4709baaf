package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention and AdditiveAttention: one head, on a list of query, value and perhaps key. */
public final class AttentionLayers {
  /** From query [..., Tq, dim] and key [..., Tv, dim] to scores [..., Tq, Tv]. */
  @FunctionalInterface
  private interface Scoring {
    Value scores(OperationCall call, Value query, Value key);
  }

  private AttentionLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        layer("Attention", call -> lower(call, AttentionLayers::scores))
            .arguments("use_scale", "score_mode", "dropout"),
        layer("AdditiveAttention", call -> lower(call, AttentionLayers::additiveScores))
            .arguments("use_scale", "dropout"));
  }

  private static Lowering layer(String className, Lowering.Function function) {
    return Lowering.layer(className, function)
        .parameters("inputs", "mask", "training", "return_attention_scores", "use_causal_mask")
        .masking(Masking.OWN);
  }

  private static Nested<KerasTensor> lower(OperationCall call, Scoring scoring) {
    GraphBuilder g = call.graph();
    List<KerasTensor> inputs = call.inputs();
    if (inputs.size() < 2 || inputs.size() > 3) {
      throw AlphornException.invalidArgument(
          "expected a list of query, value and perhaps key, found %d inputs", inputs.size());
    }
    Value query = inputs.get(0).value();
    Value value = inputs.get(1).value();
    Value scores = scoring.scores(call, query, inputs.getLast().value());
    @Nullable Value scoresMask = scoresMask(call, scores, mask(call, 1));
    if (scoresMask != null) {
      double padding = scores.dtype() == DType.FLOAT16 ? 65504 : 1e9;
      scores = g.where(scoresMask, scores, g.sub(scores, padding));
    }
    Value softmax = g.softmax(scores, -1);
    boolean drops = call.config().real("dropout", 0) > 0 && call.training();
    Value weights = drops ? Dropout.of(call, "dropout").apply(g, softmax) : softmax;
    Value attended = g.matMul(weights, value);
    @Nullable Value queryMask = mask(call, 0);
    if (queryMask != null) {
      Value rows = g.unsqueeze(queryMask, -1);
      attended = g.where(rows, attended, g.scalar(attended.dtype(), 0));
    }
    KerasTensor output = new KerasTensor(attended, queryMask);
    return call.flag("return_attention_scores")
        ? Nested.items(output, KerasTensor.of(weights))
        : Nested.leaf(output);
  }

  /** https://keras.io/api/layers/attention_layers/attention/ */
  private static Value scores(OperationCall call, Value query, Value key) {
    GraphBuilder g = call.graph();
    @Nullable Value scale = call.config().bool("use_scale", false) ? call.weight("scale") : null;
    if (call.config().string("score_mode", "dot").equals("dot")) {
      Value products = g.matMul(query, g.swapAxes(key, -2, -1));
      return scale == null ? products : g.mul(products, scale);
    }
    Value weight = call.weight("concat_score_weight");
    Value sums = pairwiseSums(g, query, key);
    Value scaled = scale == null ? sums : g.mul(sums, scale);
    return g.mul(g.reduceSum(g.tanh(scaled), false, -1), weight);
  }

  /** https://keras.io/api/layers/attention_layers/additive_attention/ */
  private static Value additiveScores(OperationCall call, Value query, Value key) {
    GraphBuilder g = call.graph();
    Value bent = g.tanh(pairwiseSums(g, query, key));
    if (call.config().bool("use_scale", true)) {
      bent = g.mul(bent, call.weight("scale", query.shape().size(-1)));
    }
    return g.reduceSum(bent, false, -1);
  }

  /** [..., Tq, Tv, dim]. */
  private static Value pairwiseSums(GraphBuilder g, Value query, Value key) {
    return g.add(g.unsqueeze(query, -2), g.unsqueeze(key, -3));
  }

  private static @Nullable Value scoresMask(
      OperationCall call, Value scores, @Nullable Value valueMask) {
    GraphBuilder g = call.graph();
    @Nullable Value mask = valueMask == null ? null : g.unsqueeze(valueMask, -2);
    if (!call.flag("use_causal_mask")) {
      return mask;
    }
    Value rows = g.unsqueeze(g.range(scores.dim(-2), DType.INT64), 1);
    Value causal = g.greaterOrEqual(rows, g.range(scores.dim(-1), DType.INT64));
    return mask == null ? g.unsqueeze(causal, 0) : g.and(mask, causal);
  }

  /** The mask of the query (0) or the value (1): as it was given, else as the tensor has it. */
  private static @Nullable Value mask(OperationCall call, int index) {
    GraphBuilder g = call.graph();
    @Nullable Value mask = call.inputs().get(index).mask();
    if (call.arguments().find("mask").orElse(null)
        instanceof Nested.Items<KerasTensor>(List<Nested<KerasTensor>> masks)) {
      mask =
          index < masks.size()
                  && masks.get(index) instanceof Nested.Leaf<KerasTensor>(KerasTensor m)
              ? m.value()
              : null;
    }
    return mask == null ? null : g.cast(mask, DType.BOOL);
  }
}
