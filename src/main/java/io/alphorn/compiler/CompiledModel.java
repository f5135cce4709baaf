package io.alphorn.compiler;

import io.alphorn.compiler.graph.Graph;
import java.util.List;

/**
 * A model ready to run: its signature, its stages in order, and the variables that it was made
 * with.
 *
 * @param inputs in the order of Keras's flattened inputs
 * @param outputs in the order of Keras's flattened outputs
 * @param graph the whole of it as one graph, as the passes left it
 * @param stages what runs, nearly always one ONNX graph
 */
public record CompiledModel(
    String name,
    String kerasVersion,
    List<TensorSpec> inputs,
    List<TensorSpec> outputs,
    Graph graph,
    List<Stage> stages,
    List<ModelVariable> variables) {
  public CompiledModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    stages = List.copyOf(stages);
    variables = List.copyOf(variables);
  }
}
