package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Graph;

/** Drops nodes and constants that no output needs. Inputs stay: they are part of the signature. */
final class DeadNodes implements Pass {
  @Override
  public Graph apply(Graph graph) {
    return graph.between(graph.inputs(), graph.outputs());
  }
}
