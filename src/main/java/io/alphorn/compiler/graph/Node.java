package io.alphorn.compiler.graph;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One operator application.
 *
 * @param operator the ONNX operator, or the name of a host function
 * @param domain the operator set's domain: "" for ONNX itself, {@link #HOST} for host functions
 * @param inputs {@link Value#NONE} where an optional input is left out
 * @param origin the path of the Keras layer that this node came from, for messages and profiles
 * @param host the function of a host node, else null
 */
public record Node(
    String operator,
    String domain,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, Attribute> attributes,
    String origin,
    @Nullable HostFunction host) {
  public static final String ONNX = "";
  public static final String MICROSOFT = "com.microsoft";
  public static final String HOST = "io.alphorn";

  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = java.util.Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  public boolean isHost() {
    return host != null;
  }

  /** Whether each run draws other outputs: such a node is not to be copied or computed ahead. */
  public boolean isRandom() {
    return operator.startsWith("Random")
        || attributes.values().stream().anyMatch(Node::holdsRandom);
  }

  private static boolean holdsRandom(Attribute attribute) {
    return attribute instanceof Attribute.Subgraph(Graph graph)
        && graph.nodes().stream().anyMatch(Node::isRandom);
  }

  public Node withInputs(List<Value> newInputs) {
    return new Node(operator, domain, newInputs, outputs, attributes, origin, host);
  }

  public Node withOutputs(List<Value> newOutputs) {
    return new Node(operator, domain, inputs, newOutputs, attributes, origin, host);
  }

  public Node withAttributes(Map<String, Attribute> newAttributes) {
    return new Node(operator, domain, inputs, outputs, newAttributes, origin, host);
  }
}
