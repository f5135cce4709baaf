package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Graph;

/** A rewrite of a graph that keeps what it computes. */
@FunctionalInterface
public interface Pass {
  Graph apply(Graph graph);
}
