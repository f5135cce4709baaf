package io.alphorn.compiler.graph;

import java.util.LinkedHashSet;
import java.util.Set;

/** What a node reads: its inputs, and what its subgraphs take from outside. */
public final class Uses {
  private Uses() {}

  public static Set<Value> of(Node node) {
    Set<Value> uses = new LinkedHashSet<>();
    node.inputs().stream().filter(Value::isPresent).forEach(uses::add);
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Subgraph(Graph graph)) {
        uses.addAll(captured(graph));
      }
    }
    return uses;
  }

  private static Set<Value> captured(Graph graph) {
    Set<Value> inside = new LinkedHashSet<>(graph.inputs());
    Set<Value> captured = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      of(node).stream().filter(value -> !inside.contains(value)).forEach(captured::add);
      inside.addAll(node.outputs());
    }
    graph.outputs().stream().filter(value -> !inside.contains(value)).forEach(captured::add);
    return captured;
  }
}
