package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bidirectional and TimeDistributed. */
public final class SequenceWrappers {
  private SequenceWrappers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Bidirectional", SequenceWrappers::bidirectional)
            .arguments("layer", "backward_layer", "merge_mode")
            .parameters("sequences", "initial_state", "mask", "training")
            .masking(Masking.OWN)
            .notes(RecurrentLayers.STATEFUL_NOTE),
        Lowering.layer("TimeDistributed", SequenceWrappers::timeDistributed)
            .arguments("layer")
            .parameters("inputs", "training", "mask"));
  }

  /** https://keras.io/api/layers/recurrent_layers/bidirectional/ */
  private static Nested<KerasTensor> bidirectional(OperationCall call) {
    SerializedObject forward = call.config().serialized("layer");
    SerializedObject backward =
        call.config().has("backward_layer")
            ? call.config().serialized("backward_layer")
            : with(forward, "go_backwards", true);
    List<KerasTensor> initial = call.arguments().tensors("initial_state");
    int half = initial.size() / 2;
    List<KerasTensor> y = runDirection(call, forward, "forward_layer", initial.subList(0, half));
    List<KerasTensor> reversed =
        runDirection(call, backward, "backward_layer", initial.subList(half, initial.size()));

    GraphBuilder g = call.graph();
    boolean sequences = forward.config().bool("return_sequences", false);
    Value first = g.cast(y.getFirst().value(), call.computeType());
    Value second = g.cast(reversed.getFirst().value(), call.computeType());
    List<Value> merged = merge(call, first, sequences ? g.reverse(second, 1) : second);
    @Nullable Value mask = sequences ? call.carriedMask() : null;
    List<KerasTensor> outputs = new ArrayList<>();
    merged.forEach(value -> outputs.add(new KerasTensor(value, mask)));
    outputs.addAll(y.subList(1, y.size()));
    outputs.addAll(reversed.subList(1, reversed.size()));
    return outputs.size() == 1 ? Nested.leaf(outputs.getFirst()) : Nested.items(outputs);
  }

  private static List<KerasTensor> runDirection(
      OperationCall call, SerializedObject layer, String attribute, List<KerasTensor> states) {
    // Bidirectional has its layers zero the outputs of masked steps where they return sequences.
    boolean sequences = layer.config().bool("return_sequences", false);
    SerializedObject zeroing = with(layer, "zero_output_for_mask", sequences);
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    if (!states.isEmpty()) {
      keywords.put("initial_state", Nested.items(states));
    }
    @Nullable Value mask = call.mask();
    if (mask != null) {
      keywords.put("mask", OperationCall.output(mask));
    }
    VariableScope scope = call.variables().child(attribute).called(layer.name());
    return call.call(zeroing, scope, List.of(call.arguments().get("sequences")), keywords).leaves();
  }

  private static SerializedObject with(SerializedObject layer, String argument, boolean value) {
    ObjectNode config = ((ObjectNode) layer.config().json()).deepCopy().put(argument, value);
    return new SerializedObject(
        layer.module(),
        layer.className(),
        Config.of(config, layer.config().place()),
        layer.registeredName(),
        layer.buildConfig());
  }

  private static List<Value> merge(OperationCall call, Value y, Value reversed) {
    GraphBuilder g = call.graph();
    JsonNode mode = call.config().json().path("merge_mode");
    if (mode.isNull()) {
      return List.of(y, reversed);
    }
    return switch (mode.asText("concat")) {
      case "concat" -> List.of(g.concat(-1, y, reversed));
      case "sum" -> List.of(g.add(y, reversed));
      case "ave" -> List.of(g.div(g.add(y, reversed), 2));
      case "mul" -> List.of(g.mul(y, reversed));
      default -> throw call.config().unsupported("merge_mode");
    };
  }

  /** https://keras.io/api/layers/recurrent_layers/time_distributed/ */
  private static Nested<KerasTensor> timeDistributed(OperationCall call) {
    SerializedObject layer = call.config().serialized("layer");
    if (layer.config().bool("stateful", false)) {
      throw call.unsupported("a stateful layer, which hands its state from step to step");
    }
    return MixesSamples.may(layer, call.training())
        ? stepByStep(call, layer)
        : allSteps(call, layer);
  }

  /** The steps as so many more samples, which is what they are to a layer that keeps them apart. */
  private static Nested<KerasTensor> allSteps(OperationCall call, SerializedObject layer) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    @Nullable Value mask = call.mask();
    Value samples = g.mergeAxes(x, 0);
    @Nullable Value sampleMask = mask == null ? null : g.mergeAxes(mask, 0);
    Nested<KerasTensor> outputs =
        callLayer(
            call, layer, call.variables().child("layer").called(layer.name()), samples, sampleMask);
    return outputs.map(
        output -> KerasTensor.of(g.splitAxis(output.value(), 0, x.dim(0), x.dim(1))));
  }

  private static Nested<KerasTensor> stepByStep(OperationCall call, SerializedObject layer) {
    GraphBuilder g = call.graph();
    Value steps = g.swapAxes(call.input(), 0, 1);
    @Nullable Value mask = call.mask();
    List<Value> sequences = mask == null ? List.of(steps) : List.of(steps, g.swapAxes(mask, 0, 1));
    List<Value> outputs =
        g.scan(
            List.of(),
            sequences,
            (body, parameters) ->
                call.within(
                    body,
                    () ->
                        callLayer(
                                call,
                                layer,
                                call.variables().child("layer").called(layer.name()),
                                parameters.getFirst(),
                                parameters.size() > 1 ? parameters.get(1) : null)
                            .leaves()
                            .stream()
                            .map(KerasTensor::value)
                            .toList()));
    return OperationCall.output(g.swapAxes(outputs.getFirst(), 0, 1));
  }

  private static Nested<KerasTensor> callLayer(
      OperationCall call,
      SerializedObject layer,
      VariableScope scope,
      Value x,
      @Nullable Value mask) {
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    if (mask != null && call.takesMask(layer)) {
      keywords.put("mask", OperationCall.output(mask));
    }
    return call.call(layer, scope, List.of(OperationCall.output(x)), keywords);
  }
}
