package io.alphorn.compiler.graph;

import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** NumPy's broadcasting over shapes with symbols. */
final class Broadcasting {
  private static final Dim ONE = Dim.of(1);

  private Broadcasting() {}

  static Shape of(Shape a, Shape b, Supplier<Dim> fresh) {
    int rank = Math.max(a.rank(), b.rank());
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      dims.add(of(aligned(a, i, rank), aligned(b, i, rank), a, b, fresh));
    }
    return new Shape(dims);
  }

  private static Dim aligned(Shape shape, int axis, int rank) {
    int own = axis - (rank - shape.rank());
    return own < 0 ? ONE : shape.dim(own);
  }

  private static Dim of(Dim a, Dim b, Shape shapeA, Shape shapeB, Supplier<Dim> fresh) {
    if (a.equals(b) || b.equals(ONE)) {
      return a;
    }
    if (a.equals(ONE)) {
      return b;
    }
    if (a.isKnown() && b.isKnown()) {
      throw AlphornException.invalidArgument(
          "shapes %s and %s do not broadcast together", shapeA, shapeB);
    }
    if (a.isKnown() || b.isKnown()) {
      return a.isKnown() ? a : b;
    }
    return fresh.get();
  }
}
