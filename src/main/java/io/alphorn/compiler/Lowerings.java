package io.alphorn.compiler;

import io.alphorn.compiler.layers.CoreLayers;

/** The list of all families of lowerings. */
public final class Lowerings {
  private Lowerings() {}

  /** A registry of everything that Alphorn compiles. */
  public static LoweringRegistry all() {
    LoweringRegistry registry = new LoweringRegistry();
    CoreLayers.register(registry);
    return registry;
  }
}
