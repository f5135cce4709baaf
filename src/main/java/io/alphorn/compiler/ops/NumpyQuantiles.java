package io.alphorn.compiler.ops;

import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * {@code keras.ops.numpy}: quantiles. Positions among the sorted elements are computed in float64,
 * as {@code keras/src/backend/tensorflow/numpy.py} does it.
 */
public final class NumpyQuantiles {
  private static final double PERCENT = 100;
  private static final String LINEAR = "linear";

  private NumpyQuantiles() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Median", o -> quantile(o, half(o), LINEAR)),
        NumpyOperation.of("Percentile", o -> quantile(o, percentage(o), method(o)))
            .parameters("x", "q"),
        // Keras 3.15 leaves the method out of a recorded call.
        NumpyOperation.of("Quantile", o -> quantile(o, o.tensor("q"), LINEAR)).parameters("x", "q"),
        NumpyOperation.of("Nanmedian", NumpyQuantiles::nanMedian),
        NumpyOperation.of("Nanpercentile", o -> nanQuantile(o, percentage(o))).parameters("x", "q"),
        NumpyOperation.of("Nanquantile", o -> nanQuantile(o, o.get("q").as(DType.FLOAT32)))
            .parameters("x", "q"));
  }

  private static String method(Operands operands) {
    return operands.string("method", LINEAR);
  }

  private static Value half(Operands operands) {
    return operands.graph().scalar(DType.FLOAT32, 0.5);
  }

  private static Value percentage(Operands operands) {
    return operands.graph().div(operands.get("q").as(DType.FLOAT32), PERCENT);
  }

  private static Value nanMedian(Operands operands) {
    boolean noAxes = operands.has("axis") && operands.integers("axis").isEmpty();
    return noAxes ? operands.tensor("x") : nanQuantile(operands, half(operands));
  }

  /** Elements sorted along the last axis, to be picked by position. */
  @FunctionalInterface
  private interface Pick {
    Value at(Value positions);
  }

  private static Value quantile(Operands operands, Value q, String method) {
    GraphBuilder g = operands.graph();
    Operand input = operands.get("x");
    Value rows = rows(operands, input.as(Promotion.withFloat(input.dtype())));
    Value sorted = g.sort(rows, -1, false).getFirst();
    Value last = g.sub(g.squeeze(g.sizeOf(rows.dim(-1)), 0), 1);
    Value picked =
        interpolate(g, method, q, last, positions -> g.gather(sorted, positions, -1), rows.dtype());
    Value hasNaN = g.reduceMax(g.isNaN(rows), false, -1);
    for (int i = 0; i < q.rank(); i++) {
      hasNaN = g.unsqueeze(hasNaN, -1);
    }
    Value result = g.where(hasNaN, g.scalar(rows.dtype(), Double.NaN), picked);
    return quantilesFirst(g, withKeptAxes(operands, result, q.rank()), q.rank());
  }

  private static Value withKeptAxes(Operands operands, Value result, int quantileRank) {
    GraphBuilder g = operands.graph();
    if (!operands.bool("keepdims", false)) {
      return result;
    }
    int rank = operands.tensor("x").rank();
    Value kept = result;
    if (!operands.has("axis")) {
      for (int i = 0; i < rank; i++) {
        kept = g.unsqueeze(kept, 0);
      }
      return kept;
    }
    for (int axis : IntStream.of(operands.axes("axis", rank)).sorted().toArray()) {
      kept = g.unsqueeze(kept, axis);
    }
    return kept;
  }

  /** NaN left out: each row has a last element of its own. */
  private static Value nanQuantile(Operands operands, Value q) {
    GraphBuilder g = operands.graph();
    Operand input = operands.get("x");
    Value rows = rows(operands, input.as(Promotion.withFloat(input.dtype())));
    Value missing = g.isNaN(rows);
    Value infinity = g.scalar(rows.dtype(), Double.POSITIVE_INFINITY);
    Value sorted = g.sort(g.where(missing, infinity, rows), -1, false).getFirst();
    Value count = g.reduceSum(g.cast(g.not(missing), DType.INT64), true, -1);
    Value picked =
        interpolate(
            g,
            method(operands),
            g.flatten(q),
            g.max(g.sub(count, 1), 0),
            positions -> g.gatherElements(sorted, positions, -1),
            rows.dtype());
    Value none = g.equal(count, g.scalar(DType.INT64, 0));
    Value result = g.where(none, g.scalar(rows.dtype(), Double.NaN), picked);
    Shape others = rows.shape().subShape(0, rows.rank() - 1);
    Value shaped =
        q.rank() == 0 ? g.squeeze(result, -1) : g.reshape(result, others.concat(q.shape()));
    return withKeptAxesBehind(operands, quantilesFirst(g, shaped, q.rank()), q.rank());
  }

  private static Value withKeptAxesBehind(Operands operands, Value result, int quantileRank) {
    if (!operands.bool("keepdims", false)) {
      return result;
    }
    int rank = operands.tensor("x").rank();
    Value kept = result;
    for (int axis : IntStream.of(operands.axes("axis", rank)).sorted().toArray()) {
      kept = operands.graph().unsqueeze(kept, axis + quantileRank);
    }
    return kept;
  }

  /** The reduced axes as one, behind the others. */
  private static Value rows(Operands operands, Value x) {
    GraphBuilder g = operands.graph();
    if (!operands.has("axis")) {
      return g.flatten(x);
    }
    int[] axes = operands.axes("axis", x.rank());
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      int position = axis;
      if (IntStream.of(axes).noneMatch(reduced -> reduced == position)) {
        order.add(axis);
      }
    }
    int others = order.size();
    IntStream.of(axes).forEach(order::add);
    Value moved = g.transpose(x, order.stream().mapToInt(Integer::intValue).toArray());
    return axes.length == 1 ? moved : joined(g, moved, others);
  }

  /** The axes from {@code from} on as one. */
  private static Value joined(GraphBuilder g, Value x, int from) {
    Shape leading = x.shape().subShape(0, from);
    Shape trailing = x.shape().subShape(from, x.rank());
    if (trailing.isKnown()) {
      long size = trailing.dims().stream().mapToLong(Dim::size).reduce(1, Math::multiplyExact);
      return g.reshape(x, leading.append(Dim.of(size)));
    }
    Value rest = g.longs(-1);
    Value sizes = from == 0 ? rest : g.concat(0, g.sizesOf(leading), rest);
    return g.emit("Reshape", Map.of(), List.of(x, sizes), x.dtype(), leading.append(g.freshDim()));
  }

  /** The axes of q to the front. */
  private static Value quantilesFirst(GraphBuilder g, Value x, int quantileRank) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Collections.rotate(order, quantileRank);
    return g.transpose(x, order.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * The elements at {@code q} of the way to the last one.
   *
   * @param last the position of the last element, an integer
   */
  private static Value interpolate(
      GraphBuilder g, String method, Value q, Value last, Pick pick, DType dtype) {
    Value exact = g.mul(g.cast(q, DType.FLOAT64), g.cast(last, DType.FLOAT64));
    return switch (method) {
      case "lower" -> pick.at(held(g, g.floor(exact), last));
      case "higher" -> pick.at(held(g, g.ceil(exact), last));
      case "nearest" -> pick.at(held(g, g.round(exact), last));
      case "midpoint" -> {
        Value lower = pick.at(held(g, g.floor(exact), last));
        Value higher = pick.at(held(g, g.ceil(exact), last));
        yield g.mul(g.add(lower, higher), 0.5);
      }
      case LINEAR -> {
        Value smaller = g.max(g.sub(held(g, g.ceil(exact), last), 1), 0);
        Value larger = g.min(g.add(smaller, 1), last);
        Value fraction = g.cast(g.sub(g.cast(larger, DType.FLOAT64), exact), dtype);
        yield g.add(g.mul(pick.at(larger), g.sub(1, fraction)), g.mul(pick.at(smaller), fraction));
      }
      default ->
          throw AlphornException.invalidArgument("argument 'method' = \"%s\" is unknown", method);
    };
  }

  private static Value held(GraphBuilder g, Value positions, Value last) {
    return g.min(g.max(g.cast(positions, DType.INT64), 0), last);
  }
}
