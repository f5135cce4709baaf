package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** MultiHeadAttention and GroupedQueryAttention. */
public final class MultiHeadAttentionLayers {
  private static final String[] PARAMETERS = {
    "query",
    "value",
    "key",
    "query_mask",
    "value_mask",
    "key_mask",
    "attention_mask",
    "return_attention_scores",
    "training",
    "use_causal_mask"
  };

  private MultiHeadAttentionLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.layer("MultiHeadAttention", MultiHeadAttentionLayers::multiHead)
            .arguments(
                "num_heads",
                "key_dim",
                "value_dim",
                "dropout",
                "use_bias",
                "use_gate",
                "output_shape",
                "attention_axes",
                "sliding_window",
                "flash_attention",
                // What Keras 2 built it with, which is what it is called on.
                "query_shape",
                "value_shape",
                "key_shape")
            .parameters(PARAMETERS)
            .masking(Masking.OWN));
    for (String name : List.of("GroupedQueryAttention", "GroupQueryAttention")) {
      registry.add(
          Lowering.layer(name, MultiHeadAttentionLayers::groupedQuery)
              .arguments(
                  "head_dim",
                  "num_query_heads",
                  "num_key_value_heads",
                  "dropout",
                  "use_bias",
                  "use_gate",
                  "sliding_window",
                  "flash_attention")
              .parameters(PARAMETERS)
              .masking(Masking.OWN));
    }
  }

  /** https://keras.io/api/layers/attention_layers/multi_head_attention/ */
  private static Nested<KerasTensor> multiHead(OperationCall call) {
    GraphBuilder g = call.graph();
    long heads = call.config().integer("num_heads");
    long keySize = call.config().integer("key_dim");
    long valueSize = call.config().integer("value_dim", keySize);
    KerasTensor query = call.arguments().tensor("query");
    KerasTensor value = call.arguments().tensor("value");
    KerasTensor key = call.arguments().findTensor("key").orElse(value);
    // Keras takes the query's own mask, whatever query_mask says, and takes the masks off the
    // tensors for good: layers that come later do not see them.
    @Nullable Value mask = mask(call, query.mask());
    call.removeMask(query);
    call.removeMask(value);
    call.removeMask(key);

    HeadProjection projection = new HeadProjection(call);
    Value q =
        projection.toHeads(scope(call, "query_dense", "query"), query.value(), heads, keySize);
    Value k = projection.toHeads(scope(call, "key_dense", "key"), key.value(), heads, keySize);
    Value gate = gate(call, projection, query.value(), heads, valueSize);
    Value v =
        projection.toHeads(scope(call, "value_dense", "value"), value.value(), heads, valueSize);
    List<Value> attended = attend(call, q, k, v, mask, 1 / Math.sqrt(keySize));
    Value mixed = gate.isPresent() ? g.mul(attended.getFirst(), gate) : attended.getFirst();
    long[] outputShape =
        call.config().has("output_shape")
            ? call.config().integers("output_shape").stream().mapToLong(Long::longValue).toArray()
            : new long[] {query.shape().size(-1)};
    Value output =
        projection.fromHeads(scope(call, "output_dense", "attention_output"), mixed, outputShape);
    return outputs(call, output, query.mask(), attended);
  }

  /** https://keras.io/api/layers/attention_layers/group_query_attention/ */
  private static Nested<KerasTensor> groupedQuery(OperationCall call) {
    GraphBuilder g = call.graph();
    long size = call.config().integer("head_dim");
    long heads = call.config().integer("num_query_heads");
    long groups = call.config().integer("num_key_value_heads");
    KerasTensor query = call.arguments().tensor("query");
    KerasTensor value = call.arguments().tensor("value");
    KerasTensor key = call.arguments().findTensor("key").orElse(value);
    @Nullable Value mask = mask(call, explicitOrOwn(call, "query"));

    HeadProjection projection = new HeadProjection(call);
    Value q = projection.toHeads(scope(call, "query_dense", "query"), query.value(), heads, size);
    Value k = projection.toHeads(scope(call, "key_dense", "key"), key.value(), groups, size);
    Value gate = gate(call, projection, query.value(), heads, size);
    Value v = projection.toHeads(scope(call, "value_dense", "value"), value.value(), groups, size);
    List<Value> attended =
        attend(
            call,
            q,
            repeatHeads(g, k, heads / groups),
            repeatHeads(g, v, heads / groups),
            mask,
            1 / Math.sqrt(size));
    Value mixed = gate.isPresent() ? g.mul(attended.getFirst(), gate) : attended.getFirst();
    long features = query.shape().size(-1);
    Value output =
        projection.fromHeads(scope(call, "output_dense", "attention_output"), mixed, features);
    return outputs(call, output, query.mask(), attended);
  }

  private static VariableScope scope(OperationCall call, String attribute, String name) {
    return call.variables().child(attribute, "_" + attribute).called(name);
  }

  private static Value gate(
      OperationCall call, HeadProjection projection, Value query, long heads, long size) {
    return call.config().bool("use_gate", false)
        ? call.graph()
            .sigmoid(projection.toHeads(scope(call, "gate_dense", "gate"), query, heads, size))
        : Value.NONE;
  }

  /** [B, S, N, H] with each head {@code count} times in a row. */
  private static Value repeatHeads(GraphBuilder g, Value x, long count) {
    if (count == 1) {
      return x;
    }
    Value tiled = g.tile(g.unsqueeze(x, 3), 1, 1, 1, count, 1);
    return g.reshape(tiled, x.shape().with(2, x.shape().size(2) * count));
  }

  private static Nested<KerasTensor> outputs(
      OperationCall call, Value output, @Nullable Value mask, List<Value> attended) {
    KerasTensor tensor = new KerasTensor(output, mask);
    return returnsScores(call)
        ? Nested.items(tensor, KerasTensor.of(attended.getLast()))
        : Nested.leaf(tensor);
  }

  private static boolean returnsScores(OperationCall call) {
    return call.flag("return_attention_scores");
  }

  /** {@code _compute_attention_mask}: all that says where to look, joined by and. */
  private static @Nullable Value mask(OperationCall call, @Nullable Value queryMask) {
    GraphBuilder g = call.graph();
    Value query = call.arguments().tensor("query").value();
    Value value = call.arguments().tensor("value").value();
    @Nullable Value mask = queryMask == null ? null : g.unsqueeze(bool(g, queryMask), -1);
    for (String argument : List.of("value", "key")) {
      @Nullable Value own = explicitOrOwn(call, argument);
      mask = own == null ? mask : and(g, mask, g.unsqueeze(bool(g, own), -2));
    }
    if (call.flag("use_causal_mask")) {
      mask = and(g, mask, g.unsqueeze(AttentionCore.causalMask(g, query, value), 0));
    }
    if (call.config().has("sliding_window")) {
      long window = call.config().integer("sliding_window");
      Value band = AttentionCore.slidingWindowMask(g, query, value, window);
      mask = and(g, mask, g.unsqueeze(band, 0));
    }
    @Nullable Value given =
        call.arguments().findTensor("attention_mask").map(KerasTensor::value).orElse(null);
    return given == null ? mask : and(g, mask, bool(g, given));
  }

  /** The argument's mask: as it was given, else the one that its tensor carries. */
  private static @Nullable Value explicitOrOwn(OperationCall call, String argument) {
    return call.arguments()
        .findTensor(argument + "_mask")
        .map(KerasTensor::value)
        .orElseGet(() -> call.arguments().findTensor(argument).map(KerasTensor::mask).orElse(null));
  }

  private static Value bool(GraphBuilder g, Value mask) {
    return g.cast(mask, DType.BOOL);
  }

  private static Value and(GraphBuilder g, @Nullable Value a, Value b) {
    return a == null ? b : g.and(a, b);
  }

  /** {@code _compute_attention}: the mixed heads, then the scores where they are computed. */
  private static List<Value> attend(
      OperationCall call, Value q, Value k, Value v, @Nullable Value mask, double scale) {
    GraphBuilder g = call.graph();
    List<Integer> axes = attentionAxes(call, v.rank());
    int attended = axes.size();
    boolean wantsScores = returnsScores(call) || call.config().real("dropout", 0) > 0;
    if (q.rank() == 4 && !wantsScores) {
      @Nullable Value aligned = expand(g, mask, 4, attended);
      return List.of(AttentionCore.dotProduct(g, q, k, v, aligned, scale));
    }
    AttentionAxes terms = AttentionAxes.of(v.rank(), axes);
    Value scores = g.einsum(terms.scores(), k, g.mul(q, scale));
    Value aligned = expand(g, mask, scores.rank(), attended);
    Value weights = AttentionCore.maskedSoftmax(g, scores, aligned, attended);
    boolean drops = call.config().real("dropout", 0) > 0 && call.training();
    Value kept = drops ? Dropout.of(call, "dropout").apply(g, weights) : weights;
    return List.of(g.einsum(terms.combination(), kept, v), weights);
  }

  private static List<Integer> attentionAxes(OperationCall call, int rank) {
    if (!call.config().has("attention_axes")) {
      return IntStream.range(1, rank - 2).boxed().toList();
    }
    return call.config().integers("attention_axes").stream()
        .map(axis -> Math.toIntExact(axis < 0 ? rank - 1 + axis : axis))
        .toList();
  }

  /** Puts axes for the heads before the mask's query and key axes. */
  private static @Nullable Value expand(
      GraphBuilder g, @Nullable Value mask, int rank, int attended) {
    @Nullable Value expanded = mask;
    while (expanded != null && expanded.rank() < rank) {
      expanded = g.unsqueeze(expanded, -2 * attended - 1);
    }
    return expanded;
  }
}
