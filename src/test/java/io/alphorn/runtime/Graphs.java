package io.alphorn.runtime;

import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.EndpointSignature;
import io.alphorn.compiler.Stage;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.function.BiFunction;

/** Small models made by hand. */
final class Graphs {
  static final Dim BATCH = Dim.symbolic("batch");

  private Graphs() {}

  /** A model of one ONNX graph with one input {@code x} and one output {@code y}. */
  static CompiledModel of(
      DType dtype, Shape shape, BiFunction<GraphBuilder, Value, Value> operators) {
    GraphBuilder builder = new GraphBuilder();
    Value x = builder.input("x", dtype, shape);
    Value y = operators.apply(builder, x);
    return model(builder.build(List.of(y)));
  }

  static CompiledModel model(Graph graph) {
    EndpointSignature signature =
        new EndpointSignature(
            "serve",
            graph.inputs().stream().map(Graphs::spec).toList(),
            graph.inputs(),
            graph.outputs().stream().map(Graphs::spec).toList(),
            graph.outputs());
    List<Stage> stages = List.of(new Stage.OnnxGraph(graph));
    return new CompiledModel(
        "graph", "", graph, List.of(new CompiledEndpoint(signature, stages)), List.of());
  }

  private static TensorSpec spec(Value value) {
    return new TensorSpec(value.name(), value.dtype(), value.shape());
  }
}
