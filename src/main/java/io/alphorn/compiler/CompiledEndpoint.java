package io.alphorn.compiler;

import io.alphorn.compiler.graph.Value;
import java.util.List;

/**
 * An endpoint that is ready to run.
 *
 * @param stages those of the model's that it needs, in order
 */
public record CompiledEndpoint(EndpointSignature signature, List<Stage> stages) {
  public CompiledEndpoint {
    stages = List.copyOf(stages);
  }

  public String name() {
    return signature.name();
  }

  public List<TensorSpec> inputs() {
    return signature.inputs();
  }

  public List<TensorSpec> outputs() {
    return signature.outputs();
  }

  public List<Value> sources() {
    return signature.sources();
  }

  public List<Value> results() {
    return signature.results();
  }
}
