package io.alphorn.compiler.graph;

import org.jspecify.annotations.Nullable;

/**
 * One dimension of a shape: a size known when the graph is built, or a symbol that stands for one
 * size in each run. Two dimensions with the same symbol have the same size.
 *
 * @param size the known size, or -1
 * @param symbol the symbol, or null when the size is known
 */
public record Dim(long size, @Nullable String symbol) {
  public static Dim of(long size) {
    if (size < 0) {
      throw new IllegalArgumentException("a dimension cannot be " + size);
    }
    return new Dim(size, null);
  }

  public static Dim symbolic(String symbol) {
    return new Dim(-1, symbol);
  }

  public boolean isKnown() {
    return symbol == null;
  }

  /** The size to declare to clients and to ONNX's Reshape: -1 when it is not known. */
  public long sizeOrUnknown() {
    return size;
  }

  @Override
  public String toString() {
    return symbol == null ? Long.toString(size) : symbol;
  }
}
