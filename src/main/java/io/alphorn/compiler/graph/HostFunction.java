package io.alphorn.compiler.graph;

import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * What ONNX Runtime has no operator for, written in Java. A graph node that holds one runs as a
 * stage of its own, between ONNX graphs.
 */
@FunctionalInterface
public interface HostFunction {
  /**
   * The node's outputs for its inputs. Called by many threads at once; inputs are not to be written
   * to. Outputs are direct buffers of the declared types and shapes.
   */
  List<Tensor> apply(List<Tensor> inputs);
}
