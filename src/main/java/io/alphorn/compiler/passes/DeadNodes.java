package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Uses;
import io.alphorn.compiler.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Drops nodes and constants that no output needs. Inputs stay: they are part of the signature. */
final class DeadNodes implements Pass {
  @Override
  public Graph apply(Graph graph) {
    Set<Value> needed = new HashSet<>(graph.outputs());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        kept.add(node);
        needed.addAll(Uses.of(node));
      }
    }
    Map<Value, Constant> constants = new LinkedHashMap<>(graph.constants());
    constants.keySet().retainAll(needed);
    return new Graph(graph.inputs(), graph.outputs(), kept.reversed(), constants);
  }
}
