package io.alphorn.compiler.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An immutable tensor graph. Nodes stand in an order in which each one's inputs come before it.
 * Constants of a subgraph stand in the outermost graph.
 */
public record Graph(
    List<Value> inputs, List<Value> outputs, List<Node> nodes, Map<Value, Constant> constants) {
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
  }

  public Graph withNodes(List<Node> newNodes) {
    return new Graph(inputs, outputs, newNodes, constants);
  }

  /** Those of the graph's inputs that {@code values} need, not looking beyond {@code given}. */
  public Set<Value> neededInputs(Collection<Value> values, Set<Value> given) {
    Set<Value> needed = needed(values, given);
    Set<Value> lacking = new LinkedHashSet<>(inputs);
    lacking.retainAll(needed);
    lacking.removeAll(given);
    return lacking;
  }

  /** The part that computes {@code newOutputs} from {@code newInputs}, which may be inside. */
  public Graph between(List<Value> newInputs, List<Value> newOutputs) {
    Set<Value> given = new HashSet<>(newInputs);
    Set<Value> needed = needed(newOutputs, given);
    List<Node> kept =
        nodes.stream()
            .filter(
                node ->
                    node.outputs().stream().anyMatch(v -> needed.contains(v) && !given.contains(v)))
            .toList();
    Map<Value, Constant> used = new LinkedHashMap<>(constants);
    used.keySet().retainAll(needed);
    return new Graph(newInputs, newOutputs, kept, used);
  }

  private Set<Value> needed(Collection<Value> values, Set<Value> given) {
    Set<Value> needed = new HashSet<>(values);
    for (Node node : nodes.reversed()) {
      if (node.outputs().stream().anyMatch(v -> needed.contains(v) && !given.contains(v))) {
        needed.addAll(Uses.of(node));
      }
    }
    return needed;
  }

  /**
   * The operators in order, as {@code Conv>Relu>MaxPool}: what tests say of a graph's structure.
   */
  public String operators() {
    return nodes.stream().map(Node::operator).collect(Collectors.joining(">"));
  }

  /** One line a node, for people. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add("inputs " + inputs);
    for (Node node : nodes) {
      lines.add(
          "%s = %s(%s) %s"
              .formatted(
                  node.outputs(),
                  node.operator(),
                  node.inputs().stream().map(Value::name).collect(Collectors.joining(", ")),
                  node.attributes()));
    }
    lines.add("outputs " + outputs);
    return String.join("\n", lines);
  }
}
