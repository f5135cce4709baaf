package io.alphorn.compiler.ops;

import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;

/** {@code keras.ops.numpy}: diagonals and triangles of matrices. */
public final class NumpyDiagonals {
  private NumpyDiagonals() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Diag", NumpyDiagonals::diag),
        NumpyOperation.of(
            "Diagflat",
            o -> matrix(o.graph(), o.graph().flatten(o.tensor("x")), o.integer("k", 0))),
        NumpyOperation.of("Diagonal", o -> diagonal(o, o.tensor("x"))),
        NumpyOperation.of("Trace", NumpyDiagonals::trace),
        NumpyOperation.of("Tril", o -> triangle(o, 0)),
        NumpyOperation.of("Triu", o -> triangle(o, 1)));
  }

  private static Value diag(Operands operands) {
    Value x = operands.tensor("x");
    long offset = operands.integer("k", 0);
    return switch (x.rank()) {
      case 1 -> matrix(operands.graph(), x, offset);
      case 2 -> diagonal(operands.graph(), x, offset);
      default ->
          throw AlphornException.invalidArgument("'x' must have 1 or 2 axes, not %d", x.rank());
    };
  }

  /** The square matrix that has {@code x} on a diagonal, and zeros. */
  private static Value matrix(GraphBuilder g, Value x, long offset) {
    long[] more = {Math.abs(offset)};
    Value padded = g.pad(x, new long[1], more, 0);
    Value positions = g.range(padded.dim(0), DType.INT64);
    Value rows = g.unsqueeze(positions, 1);
    Value onDiagonal = g.equal(g.sub(positions, rows), g.scalar(DType.INT64, offset));
    Value spread = offset < 0 ? padded : g.unsqueeze(padded, 1);
    return NumpyLogic.choose(g, onDiagonal, spread, g.scalar(x.dtype(), 0));
  }

  /** The diagonal of the matrices over two axes, as the last axis. */
  private static Value diagonal(Operands operands, Value x) {
    GraphBuilder g = operands.graph();
    int first = operands.axis("axis1", 0, x.rank());
    int second = operands.axis("axis2", 1, x.rank());
    int moved = first < second ? second - 1 : second;
    Value matrices = g.moveAxis(g.moveAxis(x, first, -1), moved, -1);
    return diagonal(g, matrices, operands.integer("offset", 0));
  }

  private static Value diagonal(GraphBuilder g, Value matrices, long offset) {
    Dim rows = matrices.dim(-2);
    Dim columns = matrices.dim(-1);
    long rowsLeftOut = Math.max(0, -offset);
    long columnsLeftOut = Math.max(0, offset);
    Value steps = steps(g, rows, rowsLeftOut, columns, columnsLeftOut);
    Value width = g.squeeze(g.sizeOf(columns), 0);
    Value positions = g.add(g.mul(g.add(steps, rowsLeftOut), width), g.add(steps, columnsLeftOut));
    return g.gather(rowsJoined(g, matrices), positions, -1);
  }

  /** 0, 1, … up to the length of a diagonal. */
  private static Value steps(
      GraphBuilder g, Dim rows, long rowsLeftOut, Dim columns, long columnsLeftOut) {
    if (rows.isKnown() && columns.isKnown()) {
      long length = Math.min(rows.size() - rowsLeftOut, columns.size() - columnsLeftOut);
      return g.range(Dim.of(Math.max(0, length)), DType.INT64);
    }
    Value down = g.sub(g.sizeOf(rows), rowsLeftOut);
    Value across = g.sub(g.sizeOf(columns), columnsLeftOut);
    Value length = g.squeeze(g.max(g.min(down, across), 0), 0);
    return g.emit(
        "Range",
        Map.of(),
        List.of(g.scalar(DType.INT64, 0), length, g.scalar(DType.INT64, 1)),
        DType.INT64,
        Shape.of(g.freshDim()));
  }

  /** The last two axes in one. */
  private static Value rowsJoined(GraphBuilder g, Value matrices) {
    Shape leading = matrices.shape().subShape(0, matrices.rank() - 2);
    Dim rows = matrices.dim(-2);
    Dim columns = matrices.dim(-1);
    if (rows.isKnown() && columns.isKnown()) {
      return g.reshape(matrices, leading.append(Dim.of(rows.size() * columns.size())));
    }
    Value joined = g.mul(g.sizeOf(rows), g.sizeOf(columns));
    Value sizes = leading.rank() == 0 ? joined : g.concat(0, g.sizesOf(leading), joined);
    return g.emit(
        "Reshape",
        Map.of(),
        List.of(matrices, sizes),
        matrices.dtype(),
        leading.append(g.freshDim()));
  }

  private static Value trace(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = NumpyReductions.accumulated(g, operands.tensor("x"));
    return g.reduceSum(diagonal(operands, x), false, -1);
  }

  private static Value triangle(Operands operands, int upper) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    return g.emit(
        "Trilu",
        Map.of("upper", Attribute.of(upper)),
        List.of(
            x,
            g.cast(
                operands.find("k").map(k -> k.as(DType.INT64)).orElse(g.scalar(DType.INT64, 0)),
                DType.INT64)),
        x.dtype(),
        x.shape());
  }
}
