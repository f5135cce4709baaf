package io.alphorn.compiler;

import io.alphorn.compiler.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * What an endpoint takes and gives, and where that is in the model's graph.
 *
 * @param inputs as clients see them
 * @param sources the values that stand for the inputs; they may be inside the graph
 * @param outputs as clients see them
 * @param results the values that are answered
 */
public record EndpointSignature(
    String name,
    List<TensorSpec> inputs,
    List<Value> sources,
    List<TensorSpec> outputs,
    List<Value> results) {
  public EndpointSignature {
    inputs = List.copyOf(inputs);
    sources = List.copyOf(sources);
    outputs = List.copyOf(outputs);
    results = List.copyOf(results);
  }

  /** The same with other values of the graph in the places of some. */
  EndpointSignature replaced(Map<Value, Value> values) {
    return new EndpointSignature(
        name, inputs, replaced(sources, values), outputs, replaced(results, values));
  }

  private static List<Value> replaced(List<Value> old, Map<Value, Value> values) {
    return old.stream().map(value -> values.getOrDefault(value, value)).toList();
  }
}
