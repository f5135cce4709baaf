package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A pass that looks at one node at a time, in subgraphs too, and may put others in its place. */
abstract class NodeRewriter implements Pass {
  /**
   * Adds to {@code g} what is to stand in for {@code node}, and gives the values that stand in for
   * its outputs; empty to leave the node as it is.
   */
  protected abstract Optional<List<Value>> rewrite(Node node, GraphBuilder g);

  @Override
  public final Graph apply(Graph graph) {
    GraphBuilder g = GraphBuilder.rewriting(graph);
    Map<Value, Value> replaced = new HashMap<>();
    rewriteAll(graph.nodes(), g, replaced);
    return g.build(replace(graph.outputs(), replaced));
  }

  private void rewriteAll(List<Node> nodes, GraphBuilder g, Map<Value, Value> replaced) {
    for (Node old : nodes) {
      Node node = withSubgraphs(old.withInputs(replace(old.inputs(), replaced)), g, replaced);
      Optional<List<Value>> outputs = g.from(node.origin(), () -> rewrite(node, g));
      if (outputs.isEmpty()) {
        g.append(node);
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        replaced.put(node.outputs().get(i), outputs.get().get(i));
      }
    }
  }

  private Node withSubgraphs(Node node, GraphBuilder g, Map<Value, Value> replaced) {
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    attributes.replaceAll(
        (name, attribute) ->
            attribute instanceof Attribute.Subgraph(Graph body)
                ? Attribute.of(rewriteSubgraph(body, g, replaced))
                : attribute);
    return node.withAttributes(attributes);
  }

  private Graph rewriteSubgraph(Graph body, GraphBuilder g, Map<Value, Value> replaced) {
    return g.rewritingSubgraph(
        body,
        inner -> {
          rewriteAll(body.nodes(), inner, replaced);
          return replace(body.outputs(), replaced);
        });
  }

  private static List<Value> replace(List<Value> values, Map<Value, Value> replaced) {
    return values.stream().map(value -> replaced.getOrDefault(value, value)).toList();
  }
}
