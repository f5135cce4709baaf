package io.alphorn.compiler.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
