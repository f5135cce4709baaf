package io.alphorn.compiler;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.OutputSpec;
import io.alphorn.endpoint.StepSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an endpoint does with an output before it is answered: operations, then labels. */
final class EndpointSteps {
  private final LoweringRegistry registry;
  private final GraphBuilder graph;
  private final ModelLowering lowering;
  private final VariableScope scope;

  EndpointSteps(
      LoweringRegistry registry, GraphBuilder graph, ModelLowering lowering, VariableScope scope) {
    this.registry = registry;
    this.graph = graph;
    this.lowering = lowering;
    this.scope = scope;
  }

  List<Value> apply(OutputSpec output, List<KerasTensor> tensors) {
    List<KerasTensor> flowing = tensors;
    for (StepSpec step : output.steps()) {
      if (flowing.size() != 1) {
        throw AlphornException.invalidArgument(
            "%s: expected one tensor to work on, found %d", step.place(), flowing.size());
      }
      flowing = apply(step, flowing.getFirst());
    }
    List<Value> values = flowing.stream().map(KerasTensor::value).toList();
    return output.labels().isEmpty() ? values : labelled(output, tensors, values);
  }

  private List<KerasTensor> apply(StepSpec step, KerasTensor x) {
    Lowering operation =
        registry
            .findExported(step.operation())
            .orElseThrow(
                () ->
                    AlphornException.invalidArgument(
                        "%s: keras.ops has no operation '%s' that is supported",
                        step.place(), step.operation()));
    SerializedObject object =
        new SerializedObject(
            operation.module(),
            operation.className(),
            Config.of(step.arguments(), step.place()),
            null,
            null);
    try {
      return lowering.call(object, scope, List.of(Nested.leaf(x)), Map.of()).leaves();
    } catch (LayerFailure e) {
      throw e.error().at("%s (%s)".formatted(step.place(), step.operation()));
    }
  }

  /** Class indices become the strings that stand for them. */
  private List<Value> labelled(OutputSpec output, List<KerasTensor> scores, List<Value> values) {
    String place = output.place() + ".labels";
    if (values.stream().noneMatch(value -> value.dtype().isInteger())) {
      throw AlphornException.invalidArgument(
          "%s: expected class indices, as argmax or top_k give them; found %s",
          place, values.stream().map(Value::dtype).toList());
    }
    requireOneForEachClass(output, scores, place);
    byte[][] texts =
        output.labels().stream().map(label -> label.getBytes(UTF_8)).toArray(byte[][]::new);
    Value labels = graph.constant(Tensor.ofStrings(new long[] {texts.length}, texts));
    List<Value> labelled = new ArrayList<>();
    for (Value value : values) {
      labelled.add(value.dtype().isInteger() ? graph.gather(labels, value, 0) : value);
    }
    return labelled;
  }

  private static void requireOneForEachClass(
      OutputSpec output, List<KerasTensor> scores, String place) {
    if (scores.size() != 1 || scores.getFirst().rank() == 0) {
      return;
    }
    long classes = scores.getFirst().value().dim(-1).sizeOrUnknown();
    boolean chosen =
        output.steps().stream().anyMatch(step -> step.arguments().path("axis").asInt(-1) == -1);
    if (chosen && classes >= 0 && classes != output.labels().size()) {
      throw AlphornException.invalidArgument(
          "%s: expected %d labels, for there are as many classes, found %d",
          place, classes, output.labels().size());
    }
  }
}
