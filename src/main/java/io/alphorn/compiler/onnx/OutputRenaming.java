package io.alphorn.compiler.onnx;

import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives a graph's outputs the names that clients know, for a model that is handed on as a file. */
final class OutputRenaming {
  private OutputRenaming() {}

  /** A name that is taken inside the graph already, as an input's is, gets a suffix. */
  static Graph apply(Graph graph, List<String> names) {
    Set<String> taken = new HashSet<>();
    graph.inputs().forEach(value -> taken.add(value.name()));
    graph.constants().keySet().forEach(value -> taken.add(value.name()));
    graph.nodes().forEach(node -> node.outputs().forEach(value -> taken.add(value.name())));

    Map<Value, Value> renamed = new HashMap<>();
    List<Value> outputs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Value output = graph.outputs().get(i);
      String name = names.get(i);
      while (!taken.add(name)) {
        name += "_output";
      }
      Value named = new Value(name, output.dtype(), output.shape());
      renamed.put(output, named);
      outputs.add(named);
    }
    List<Node> nodes = graph.nodes().stream().map(node -> rename(node, renamed)).toList();
    return new Graph(graph.inputs(), outputs, nodes, graph.constants());
  }

  private static Node rename(Node node, Map<Value, Value> renamed) {
    return node.withInputs(rename(node.inputs(), renamed))
        .withOutputs(rename(node.outputs(), renamed));
  }

  private static List<Value> rename(List<Value> values, Map<Value, Value> renamed) {
    return values.stream().map(value -> renamed.getOrDefault(value, value)).toList();
  }
}
