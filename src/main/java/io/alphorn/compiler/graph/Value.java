package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;

/**
 * An edge of the graph: what an input, a constant or a node gives. Names are unique in a graph and
 * its subgraphs.
 */
public record Value(String name, DType dtype, Shape shape) {
  /** Stands where an operator's optional input is left out. */
  public static final Value NONE = new Value("", DType.FLOAT32, Shape.SCALAR);

  public boolean isPresent() {
    return !name.isEmpty();
  }

  public int rank() {
    return shape.rank();
  }

  public Dim dim(long axis) {
    return shape.dim(axis);
  }

  @Override
  public String toString() {
    return name + ":" + dtype + shape;
  }
}
