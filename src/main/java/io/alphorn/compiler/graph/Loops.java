package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** ONNX operators that hold graphs of their own, which may use values from outside. */
public interface Loops extends ReductionOperators {
  /** The body of a loop: from its parameters to its results. */
  @FunctionalInterface
  interface Body {
    List<Value> build(GraphBuilder g, List<Value> parameters);
  }

  /** A subgraph with parameters of these types. */
  Graph subgraph(List<Type> parameters, Body body);

  /**
   * ONNX Scan over axis 0 of each of {@code sequences}. The body takes the states, then one element
   * of each sequence; it gives the next states, then one element of each output sequence.
   *
   * @return the last states, then the output sequences, stacked along axis 0
   */
  default List<Value> scan(List<Value> states, List<Value> sequences, Body body) {
    List<Type> parameters = new ArrayList<>();
    states.forEach(state -> parameters.add(new Type(state.dtype(), state.shape())));
    sequences.forEach(s -> parameters.add(new Type(s.dtype(), s.shape().without(0))));
    Graph graph = subgraph(parameters, body);

    List<Type> outputs = new ArrayList<>();
    states.forEach(state -> outputs.add(new Type(state.dtype(), state.shape())));
    Dim steps = sequences.getFirst().dim(0);
    for (Value element : graph.outputs().subList(states.size(), graph.outputs().size())) {
      outputs.add(new Type(element.dtype(), element.shape().insert(0, steps)));
    }
    List<Value> inputs = new ArrayList<>(states);
    inputs.addAll(sequences);
    Map<String, Attribute> attributes =
        Map.of("body", Attribute.of(graph), "num_scan_inputs", Attribute.of(sequences.size()));
    return emit("Scan", attributes, inputs, outputs);
  }

  /** ONNX If: one of two branches of the same output types, by a scalar condition. */
  default List<Value> conditional(Value condition, Body whenTrue, Body whenFalse) {
    Graph first = subgraph(List.of(), whenTrue);
    Graph second = subgraph(List.of(), whenFalse);
    List<Type> outputs =
        first.outputs().stream().map(value -> new Type(value.dtype(), value.shape())).toList();
    return emit(
        "If",
        Map.of("then_branch", Attribute.of(first), "else_branch", Attribute.of(second)),
        List.of(cast(condition, DType.BOOL)),
        outputs);
  }
}
