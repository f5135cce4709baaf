package io.alphorn.compiler;

import io.alphorn.error.AlphornException;
import io.alphorn.keras.Call;
import io.alphorn.keras.LayerNode;
import io.alphorn.keras.Nested;
import io.alphorn.keras.TensorReference;
import io.alphorn.keras.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One run through the graph of a functional model, each call as soon as its inputs are there. */
final class FunctionalCall {
  /** A call that has not been made yet. */
  private record Pending(LayerNode node, int index) {
    Call call() {
      return node.calls().get(index);
    }
  }

  private final ModelLowering lowering;
  private final Topology.Functional model;
  private final Map<String, VariableScope> scopes = new HashMap<>();
  private final Map<TensorReference, KerasTensor> tensors = new HashMap<>();
  private final Set<String> layerNames = new TreeSet<>();

  FunctionalCall(ModelLowering lowering, Topology.Functional model, VariableScope scope) {
    this.lowering = lowering;
    this.model = model;
    // Only layers are containers' elements to Keras; operations have no variables.
    List<LayerNode> layers =
        model.layers().stream().filter(node -> !node.layer().isOperation()).toList();
    List<VariableScope> children =
        scope.children("layers", layers.stream().map(LayerNode::layer).toList());
    for (int i = 0; i < layers.size(); i++) {
      scopes.put(layers.get(i).name(), children.get(i));
    }
    List<LayerNode> operations =
        model.layers().stream().filter(node -> node.layer().isOperation()).toList();
    for (LayerNode operation : operations) {
      scopes.put(
          operation.name(),
          scope
              .children("operations", List.of(operation.layer()))
              .getFirst()
              .called(operation.name()));
    }
    model.layers().forEach(node -> layerNames.add(node.name()));
  }

  /** Runs the model on its inputs, in the order of its flattened inputs. */
  Nested<KerasTensor> run(List<KerasTensor> inputs) {
    List<TensorReference> references = model.inputs().leaves();
    if (inputs.size() != references.size()) {
      throw AlphornException.invalidArgument(
          "model '%s' has %d inputs, but was called with %d",
          model.name(), references.size(), inputs.size());
    }
    for (int i = 0; i < inputs.size(); i++) {
      tensors.put(references.get(i), inputs.get(i));
    }
    makeCalls();
    return model.outputs().map(this::tensor);
  }

  private void makeCalls() {
    List<Pending> pending = new ArrayList<>();
    for (LayerNode node : model.layers()) {
      for (int index = 0; index < node.calls().size(); index++) {
        pending.add(new Pending(node, index));
      }
    }
    while (!pending.isEmpty()) {
      List<Pending> waiting = new ArrayList<>();
      for (Pending next : pending) {
        if (isReady(next.call())) {
          make(next);
        } else {
          waiting.add(next);
        }
      }
      if (waiting.size() == pending.size()) {
        throw unresolved(waiting);
      }
      pending = waiting;
    }
  }

  private boolean isReady(Call call) {
    return references(call).stream().allMatch(tensors::containsKey);
  }

  private static List<TensorReference> references(Call call) {
    List<TensorReference> references = new ArrayList<>();
    call.arguments().forEach(argument -> references.addAll(argument.leaves()));
    call.keywords().values().forEach(argument -> references.addAll(argument.leaves()));
    return references;
  }

  private void make(Pending next) {
    List<Nested<KerasTensor>> positional =
        next.call().arguments().stream().map(argument -> argument.map(this::tensor)).toList();
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    next.call().keywords().forEach((key, value) -> keywords.put(key, value.map(this::tensor)));
    LayerNode node = next.node();
    List<KerasTensor> outputs =
        lowering.call(node.layer(), scope(node), positional, keywords).leaves();
    for (int i = 0; i < outputs.size(); i++) {
      tensors.put(new TensorReference(node.name(), next.index(), i), outputs.get(i));
    }
  }

  private VariableScope scope(LayerNode node) {
    VariableScope scope = scopes.get(node.name());
    if (scope == null) {
      throw new IllegalStateException("no scope for layer " + node.name());
    }
    return scope;
  }

  private KerasTensor tensor(TensorReference reference) {
    KerasTensor tensor = tensors.get(reference);
    if (tensor == null) {
      throw AlphornException.invalidArgument(
          "model '%s' refers to output %d of call %d of layer '%s', which is not there",
          model.name(), reference.output(), reference.call(), reference.layer());
    }
    return tensor;
  }

  private AlphornException unresolved(List<Pending> waiting) {
    Set<String> unknown = new TreeSet<>();
    Set<String> blocked = new TreeSet<>();
    for (Pending pending : waiting) {
      blocked.add(pending.node().name());
      references(pending.call()).stream()
          .map(TensorReference::layer)
          .filter(name -> !layerNames.contains(name))
          .forEach(unknown::add);
    }
    return unknown.isEmpty()
        ? AlphornException.invalidArgument(
            "model '%s' has a cycle or lacks an input: layers %s wait for each other",
            model.name(), blocked)
        : AlphornException.invalidArgument(
            "model '%s' refers to layers that it does not hold: %s", model.name(), unknown);
  }
}
