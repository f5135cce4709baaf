package io.alphorn.compiler;

import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.keras.Call;
import io.alphorn.keras.LayerNode;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.TensorReference;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a model's outline from its config, and shapes from lowering it once. */
final class OutlineReader {
  private final SerializedObject model;
  private final List<ModelVariable> variables;
  private final CallLog calls = new CallLog();

  OutlineReader(KerasArchive archive, List<ModelVariable> variables) {
    this.model = SerializedObject.of(archive.config(), "config.json");
    this.variables = variables;
    lower(archive);
  }

  /** Shapes need no weights, but some layers tell by their weights how they were made. */
  private void lower(KerasArchive archive) {
    Topology topology = TopologyReader.read(model);
    GraphBuilder graph = new GraphBuilder();
    VariableSource source =
        archive.weights().legacy().isPresent()
            ? LegacyVariables.recording()
            : VariableSource.of(archive.weights());
    ModelLowering lowering = new ModelLowering(Lowerings.all(), graph, archive::asset, calls);
    VariableScope scope = new VariableScope(new VariableBinder(source, graph), "", "");
    lowering.callModel(topology, scope, ModelInputs.declare(topology, model, graph));
  }

  private List<Shape> outputShapes(String path) {
    List<CallLog.Entry> made = calls.paths().contains(path) ? calls.find(path) : List.of();
    return made.isEmpty()
        ? List.of()
        : made.getLast().outputs().leaves().stream().map(KerasTensor::shape).toList();
  }

  ModelOutline read() {
    Topology topology = TopologyReader.read(model);
    return new ModelOutline(
        topology.name(),
        layers(topology, ""),
        switch (topology) {
          case Topology.Sequential sequential -> true;
          case Topology.Functional functional -> isChain(functional);
        },
        ModelOutline.Size.of(variables.stream().filter(ModelVariable::trainable).toList()),
        ModelOutline.Size.of(variables.stream().filter(v -> !v.trainable()).toList()));
  }

  private List<ModelOutline.Layer> layers(Topology topology, String path) {
    return switch (topology) {
      case Topology.Sequential sequential ->
          sequential.layers().stream()
              .filter(layer -> !ModelLowering.isInputLayer(layer))
              .map(layer -> layer(layer, layer.name(), path, List.of()))
              .toList();
      case Topology.Functional functional ->
          functional.layers().stream()
              .map(node -> layer(node.layer(), node.name(), path, connections(node)))
              .toList();
    };
  }

  private ModelOutline.Layer layer(
      SerializedObject layer,
      String name,
      String outer,
      List<ModelOutline.Connection> connections) {
    String path = outer.isEmpty() ? name : outer + "/" + name;
    return new ModelOutline.Layer(
        name,
        layer.className(),
        ModelLowering.isInputLayer(layer) ? List.of(ModelInputs.shape(layer)) : outputShapes(path),
        variables.stream().filter(v -> v.isIn(path)).mapToLong(ModelVariable::elements).sum(),
        layer.config().bool("trainable", true),
        connections,
        TopologyReader.isModel(layer) ? layers(TopologyReader.read(layer), path) : List.of());
  }

  private static List<ModelOutline.Connection> connections(LayerNode node) {
    return node.calls().stream()
        .flatMap(call -> inputs(call).stream())
        .map(from -> new ModelOutline.Connection(from.layer(), from.call(), from.output()))
        .toList();
  }

  private static List<TensorReference> inputs(Call call) {
    List<TensorReference> inputs = new ArrayList<>();
    call.arguments().forEach(argument -> inputs.addAll(argument.leaves()));
    call.keywords().values().forEach(argument -> inputs.addAll(argument.leaves()));
    return inputs;
  }

  /**
   * Keras's rule: no layer is called twice or on several tensors, and no two stand at the same
   * depth.
   */
  private static boolean isChain(Topology.Functional model) {
    Map<String, Integer> consumers = new HashMap<>();
    int ends = 0;
    for (LayerNode node : model.layers()) {
      List<ModelOutline.Connection> inputs = connections(node);
      if (inputs.size() > 1 || node.calls().size() > 1) {
        return false;
      }
      inputs.forEach(input -> consumers.merge(input.layer(), 1, Integer::sum));
    }
    for (LayerNode node : model.layers()) {
      int taken = consumers.getOrDefault(node.name(), 0);
      if (taken > 1) {
        return false;
      }
      ends += taken == 0 ? 1 : 0;
    }
    return ends <= 1;
  }
}
