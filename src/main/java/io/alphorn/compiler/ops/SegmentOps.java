package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code keras.ops.math}: reductions of the rows of a tensor by segment. Follows {@code
 * keras/src/backend/tensorflow/math.py}: a negative segment is left out, a segment without rows
 * gives what the reduction of nothing is, and of sorted ones 0 for a maximum or minimum.
 */
public final class SegmentOps {
  /** How rows are reduced, in ONNX's words. */
  private enum Reduction {
    ADD,
    MUL,
    MAX,
    MIN;

    /** What the reduction of no rows gives. */
    private Tensor identity(DType dtype) {
      return switch (this) {
        case ADD -> Scalars.of(dtype, 0);
        case MUL -> Scalars.of(dtype, 1);
        case MAX -> SaturationBounds.of(dtype, dtype).least();
        case MIN -> SaturationBounds.of(dtype, dtype).greatest();
      };
    }
  }

  /** The number of segments, known or found in each run. */
  private record Count(Dim dim, Value size) {}

  private SegmentOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        segments("SegmentSum", Reduction.ADD),
        segments("SegmentProd", Reduction.MUL),
        segments("SegmentMax", Reduction.MAX),
        segments("SegmentMin", Reduction.MIN));
  }

  private static Lowering segments(String className, Reduction reduction) {
    return Lowering.operation("math", className, call -> reduce(call, reduction))
        .parameters("data", "segment_ids");
  }

  private static Nested<KerasTensor> reduce(OperationCall call, Reduction reduction) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value data = operands.tensor("data");
    Value ids = g.cast(operands.tensor("segment_ids"), DType.INT64);
    Count count = count(g, operands, ids, reduction);

    Value reduced = reduced(g, data, ids, count, reduction);
    boolean sorted = operands.bool("sorted", false);
    if (sorted && (reduction == Reduction.MAX || reduction == Reduction.MIN)) {
      Value ones = g.fill(data.shape(), DType.INT32, 1);
      Value filled = g.cast(reduced(g, ones, ids, count, Reduction.ADD), DType.BOOL);
      reduced = g.where(filled, reduced, g.scalar(data.dtype(), 0));
    }
    return output(reduced);
  }

  private static Value reduced(
      GraphBuilder g, Value data, Value ids, Count count, Reduction reduction) {
    boolean narrow = data.dtype() == DType.FLOAT16 || data.dtype() == DType.BFLOAT16;
    DType dtype = narrow ? DType.FLOAT32 : data.dtype();
    Shape row = data.shape().subShape(1, data.rank());
    // One row more takes what is left out.
    Value rows = g.add(count.size(), g.longs(1));
    Dim dim = count.dim().isKnown() ? Dim.of(count.dim().size() + 1) : g.freshDim();
    Shape shape = row.insert(0, dim);
    Value identity = g.cast(g.constant(reduction.identity(data.dtype())), dtype);
    Value sizes = g.concat(0, rows, g.sizesOf(row));
    Value start = g.emit("Expand", Map.of(), List.of(identity, sizes), dtype, shape);
    Value target = g.where(g.less(ids, g.longs(0)), count.size(), ids);
    Value reduced =
        g.emit(
            "ScatterND",
            Map.of("reduction", Attribute.of(reduction.name().toLowerCase(Locale.ROOT))),
            List.of(start, g.unsqueeze(target, -1), g.cast(data, dtype)),
            dtype,
            shape);
    Value kept =
        g.emit(
            "Slice",
            Map.of(),
            List.of(reduced, g.longs(0), count.size(), g.longs(0)),
            dtype,
            row.insert(0, count.dim()));
    return g.cast(kept, data.dtype());
  }

  /** Keras's: as given, else as many as there are different ones for sums, up to the last else. */
  private static Count count(GraphBuilder g, Operands operands, Value ids, Reduction reduction) {
    if (operands.has("num_segments")) {
      long count = operands.integer("num_segments");
      return new Count(Dim.of(count), g.longs(count));
    }
    if (reduction == Reduction.ADD && !operands.bool("sorted", false)) {
      Dim dim = g.freshDim();
      Value distinct = g.emit("Unique", Map.of(), List.of(ids), DType.INT64, Shape.of(dim));
      return new Count(distinct.dim(0), g.sizeOf(dim));
    }
    return new Count(g.freshDim(), g.add(g.reduceMax(ids, true), g.longs(1)));
  }
}
