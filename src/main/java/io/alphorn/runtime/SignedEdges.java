package io.alphorn.runtime;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.ElementTypes;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gives a graph signed inputs and outputs where its own are uint16, uint32 or uint64: ONNX
 * Runtime's Java API can make no tensors of those. Tensors go through with the bytes they have, and
 * a Cast just inside the graph, which keeps the bits, gives them back their type.
 */
final class SignedEdges {
  private static final Map<DType, DType> SIGNED =
      Map.of(DType.UINT16, DType.INT16, DType.UINT32, DType.INT32, DType.UINT64, DType.INT64);

  private SignedEdges() {}

  static Graph of(Graph graph) {
    List<Node> before = new ArrayList<>();
    List<Node> after = new ArrayList<>();
    List<Value> inputs = new ArrayList<>();
    List<Value> outputs = new ArrayList<>();
    for (Value input : graph.inputs()) {
      Value edge = edge(input);
      inputs.add(edge);
      if (!edge.equals(input)) {
        before.add(cast(edge, input));
      }
    }
    for (Value output : graph.outputs()) {
      Value edge = edge(output);
      outputs.add(edge);
      if (!edge.equals(output)) {
        after.add(cast(output, edge));
      }
    }
    if (before.isEmpty() && after.isEmpty()) {
      return graph;
    }
    before.addAll(graph.nodes());
    before.addAll(after);
    return new Graph(inputs, outputs, before, graph.constants());
  }

  /** The type in which a tensor of {@code dtype} goes in and comes out. */
  static DType type(DType dtype) {
    return SIGNED.getOrDefault(dtype, dtype);
  }

  private static Value edge(Value value) {
    DType type = type(value.dtype());
    return type == value.dtype() ? value : new Value(value.name() + "/signed", type, value.shape());
  }

  private static Node cast(Value from, Value to) {
    Map<String, Attribute> attributes = Map.of("to", Attribute.of(ElementTypes.onnx(to.dtype())));
    return new Node("Cast", Node.ONNX, List.of(from), List.of(to), attributes, "", null);
  }
}
