package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Names the axes of a Pad before a MaxPool. ONNX Runtime would take such a Pad into the pool, where
 * zeros beside negative numbers would no longer be the greatest; a Pad that names its axes it
 * leaves alone.
 */
final class PadsOfMaxPools implements Pass {
  private static final int WITH_VALUE = 3;

  @Override
  public Graph apply(Graph graph) {
    Set<Value> pads = new HashSet<>();
    collect(graph, pads);
    return pads.isEmpty() ? graph : new NamedAxes(pads).apply(graph);
  }

  /** Adds the results of Pads that a MaxPool takes, for all that moves elements between the two. */
  private static void collect(Graph graph, Set<Value> pads) {
    Map<Value, Node> producers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      if (node.operator().equals("MaxPool")) {
        padBefore(node, producers).ifPresent(pad -> pads.add(pad.outputs().getFirst()));
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Subgraph(Graph body)) {
          collect(body, pads);
        }
      }
    }
  }

  private static Optional<Node> padBefore(Node pool, Map<Value, Node> producers) {
    Node node = pool;
    do {
      node = producers.get(node.inputs().getFirst());
    } while (node != null && node.operator().equals("Transpose"));
    return Optional.ofNullable(node)
        .filter(found -> found.operator().equals("Pad") && found.inputs().size() <= WITH_VALUE);
  }

  private static final class NamedAxes extends NodeRewriter {
    private final Set<Value> pads;

    NamedAxes(Set<Value> pads) {
      this.pads = pads;
    }

    @Override
    protected Optional<List<Value>> rewrite(Node node, GraphBuilder g) {
      if (node.inputs().isEmpty() || !pads.contains(node.outputs().getFirst())) {
        return Optional.empty();
      }
      Value x = node.inputs().getFirst();
      Value value =
          node.inputs().size() == WITH_VALUE ? node.inputs().get(2) : g.scalar(x.dtype(), 0);
      Value axes = g.longs(LongStream.range(0, x.rank()).toArray());
      Value result = node.outputs().getFirst();
      List<Value> inputs = List.of(x, node.inputs().get(1), value, axes);
      return Optional.of(
          List.of(g.emit("Pad", node.attributes(), inputs, result.dtype(), result.shape())));
    }
  }
}
