package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bidirectional and TimeDistributed, which call a layer of any kind. */
public final class WrapperLayers {
  private WrapperLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Bidirectional", WrapperLayers::bidirectional)
            .arguments("layer", "backward_layer", "merge_mode")
            .parameters("sequences", "initial_state", "mask", "training")
            .masking(Masking.OWN),
        Lowering.layer("TimeDistributed", WrapperLayers::timeDistributed)
            .arguments("layer")
            .parameters("inputs", "training", "mask"));
  }

  /** https://keras.io/api/layers/recurrent_layers/bidirectional/ */
  private static Nested<KerasTensor> bidirectional(OperationCall call) {
    Config config = call.config();
    SerializedObject forward = config.serialized("layer");
    SerializedObject backward =
        config.has("backward_layer") ? config.serialized("backward_layer") : reversed(forward);
    List<KerasTensor> states = call.arguments().tensors("initial_state");
    int half = states.size() / 2;
    List<KerasTensor> there = run(call, forward, "forward_layer", states.subList(0, half));
    List<KerasTensor> back =
        run(call, backward, "backward_layer", states.subList(half, states.size()));
    boolean sequences = forward.config().bool("return_sequences", false);
    @Nullable Value mask = sequences ? call.mask() : null;

    List<KerasTensor> outputs = merged(call, there.getFirst(), back.getFirst(), sequences, mask);
    outputs.addAll(there.subList(1, there.size()));
    outputs.addAll(back.subList(1, back.size()));
    return outputs.size() == 1 ? Nested.leaf(outputs.getFirst()) : Nested.items(outputs);
  }

  /** The same layer from the other end. */
  private static SerializedObject reversed(SerializedObject layer) {
    ObjectNode config = layer.config().json().deepCopy();
    config.put("go_backwards", !layer.config().bool("go_backwards", false));
    return new SerializedObject(
        layer.module(),
        layer.className(),
        Config.of(config, layer.config().place()),
        layer.registeredName(),
        layer.buildConfig());
  }

  private static List<KerasTensor> run(
      OperationCall call, SerializedObject layer, String attribute, List<KerasTensor> states) {
    KerasTensor sequences = call.arguments().tensor("sequences");
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    if (!states.isEmpty()) {
      keywords.put("initial_state", Nested.items(states));
    }
    @Nullable Value mask = call.mask();
    if (mask != null) {
      keywords.put("mask", Nested.leaf(KerasTensor.of(mask)));
    }
    return call.call(
            layer, call.variables().child(attribute), List.of(Nested.leaf(sequences)), keywords)
        .leaves();
  }

  private static List<KerasTensor> merged(
      OperationCall call,
      KerasTensor there,
      KerasTensor back,
      boolean sequences,
      @Nullable Value mask) {
    GraphBuilder g = call.graph();
    Value a = there.value();
    Value b = sequences ? g.reverse(back.value(), 1) : back.value();
    List<KerasTensor> outputs = new ArrayList<>();
    if (call.config().json().has("merge_mode") && !call.config().has("merge_mode")) {
      outputs.add(new KerasTensor(a, mask));
      outputs.add(new KerasTensor(b, mask));
      return outputs;
    }
    Value merged =
        switch (call.config().string("merge_mode", "concat")) {
          case "concat" -> g.concat(-1, a, b);
          case "sum" -> g.add(a, b);
          case "ave" -> g.div(g.add(a, b), 2);
          case "mul" -> g.mul(a, b);
          default -> throw call.config().unsupported("merge_mode");
        };
    outputs.add(new KerasTensor(merged, mask));
    return outputs;
  }

  /** Steps are rows of a larger batch: no layer mixes the rows of a batch at inference. */
  private static Nested<KerasTensor> timeDistributed(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.arguments().tensor("inputs").value();
    Shape step = x.shape().subShape(2, x.rank());
    Value rows = g.reshape(x, Shape.of(merged(g, x)).concat(step));
    @Nullable Value mask = call.mask();
    KerasTensor input =
        mask != null && mask.rank() > 2
            ? new KerasTensor(
                rows,
                g.reshape(
                    mask, Shape.of(rows.dim(0)).concat(mask.shape().subShape(2, mask.rank()))))
            : KerasTensor.of(rows);
    Nested<KerasTensor> outputs =
        call.call(
            call.config().serialized("layer"),
            call.variables().child("layer"),
            List.of(Nested.leaf(input)),
            Map.of());
    return outputs.map(
        tensor -> {
          Shape own = tensor.shape().subShape(1, tensor.rank());
          Shape shape = Shape.of(x.dim(0), x.dim(1)).concat(own);
          return KerasTensor.of(g.reshape(tensor.value(), shape));
        });
  }

  private static Dim merged(GraphBuilder g, Value x) {
    boolean known = x.dim(0).isKnown() && x.dim(1).isKnown();
    return known ? Dim.of(x.dim(0).size() * x.dim(1).size()) : g.freshDim();
  }
}
