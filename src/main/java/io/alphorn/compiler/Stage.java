package io.alphorn.compiler;

import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.HostFunction;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * A part of a compiled model that runs as one: it takes values by name and gives values by name.
 */
public sealed interface Stage {
  List<Value> inputs();

  List<Value> outputs();

  /** Operators that ONNX Runtime runs. */
  record OnnxGraph(Graph graph) implements Stage {
    @Override
    public List<Value> inputs() {
      return graph.inputs();
    }

    @Override
    public List<Value> outputs() {
      return graph.outputs();
    }
  }

  /**
   * A function that runs in Java.
   *
   * @param constants those of the node's inputs that are constants
   */
  record Host(Node node, HostFunction function, Map<Value, Constant> constants) implements Stage {
    /** The inputs that the model's inputs or earlier stages give. */
    @Override
    public List<Value> inputs() {
      return node.inputs().stream().filter(value -> !constants.containsKey(value)).toList();
    }

    @Override
    public List<Value> outputs() {
      return node.outputs();
    }
  }
}
