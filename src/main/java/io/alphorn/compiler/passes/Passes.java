package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Graph;
import java.util.List;

/** The rewrites in the order in which they run. */
public final class Passes {
  private static final List<Pass> IN_ORDER =
      List.of(new DeadNodes(), new Float64Kernels(), new PadsOfMaxPools(), new WidenTypes());

  private Passes() {}

  public static Graph apply(Graph graph) {
    Graph rewritten = graph;
    for (Pass pass : IN_ORDER) {
      rewritten = pass.apply(rewritten);
    }
    return rewritten;
  }
}
