package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Elements by position: Python's indexing, take and nonzero of {@code keras.ops.numpy}. */
public final class NumpyIndexing {
  private NumpyIndexing() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("numpy", "GetItem", NumpyIndexing::getItem).parameters("x", "key"),
        Lowering.operation("numpy", "Take", NumpyIndexing::take).parameters("x", "indices"),
        Lowering.operation("numpy", "TakeAlongAxis", NumpyIndexing::takeAlongAxis)
            .parameters("x", "indices"),
        Lowering.operation("numpy", "Nonzero", NumpyIndexing::nonzero),
        NumpyOperation.ofParts("UnravelIndex", NumpyIndexing::unravelIndex).parameters("indices"));
  }

  private static Nested<KerasTensor> getItem(OperationCall call) {
    Operands operands = Operands.of(call);
    Operand key = operands.get("key");
    List<Operand> keys = key.isList() ? key.items() : List.of(key);
    return output(new Indexing(call.graph(), operands.tensor("x")).apply(keys));
  }

  /** {@code x[key, key, …]}, one key after the other. */
  private static final class Indexing {
    private final GraphBuilder g;
    private final List<Value> gathers = new ArrayList<>();
    private Value x;
    private int axis;
    private int gatherAxis = -1;

    Indexing(GraphBuilder g, Value x) {
      this.g = g;
      this.x = x;
    }

    Value apply(List<Operand> keys) {
      int consumed = (int) keys.stream().filter(key -> consumesAxis(key.argument())).count();
      if (consumed > x.rank()) {
        throw AlphornException.invalidArgument(
            "too many indices: %d for a tensor of shape %s", consumed, x.shape());
      }
      for (Operand key : keys) {
        apply(key, x.rank() - consumed);
      }
      return gathers.isEmpty() ? x : gathered();
    }

    private static boolean consumesAxis(Nested<KerasTensor> key) {
      return !(key instanceof Nested.None<KerasTensor>
          || key instanceof Nested.Ellipsis<KerasTensor>);
    }

    private void apply(Operand key, int unindexed) {
      switch (key.argument()) {
        case Nested.Slice<KerasTensor> slice -> slice(slice);
        case Nested.None<KerasTensor> none -> x = g.unsqueeze(x, axis++);
        case Nested.Ellipsis<KerasTensor> ellipsis -> axis += unindexed;
        case Nested.Int<KerasTensor>(long index) -> x = g.take(x, axis, index);
        default -> indices(key);
      }
    }

    private void slice(Nested.Slice<KerasTensor> slice) {
      long step = bound(slice.step(), 1);
      long first = bound(slice.start(), step > 0 ? 0 : Long.MAX_VALUE);
      long last = bound(slice.stop(), step > 0 ? Long.MAX_VALUE : Long.MIN_VALUE);
      if (step < 0 && slice.start().isNone()) {
        first = -1;
      }
      x = g.slice(x, axis, first, last, step);
      axis++;
    }

    private long bound(Nested<KerasTensor> bound, long otherwise) {
      return bound.isNone() ? otherwise : new Operand(g, "key", bound).integer();
    }

    /** Integer tensors: one gathers along its axis, several together pick single elements. */
    private void indices(Operand key) {
      Value positions = key.tensor();
      if (positions.dtype() == DType.BOOL) {
        throw AlphornException.unimplemented("indexing by a boolean mask is not supported");
      }
      if (gathers.isEmpty()) {
        gatherAxis = axis;
      } else if (gatherAxis + gathers.size() != axis) {
        throw AlphornException.unimplemented(
            "indexing by several tensors that are not beside each other is not supported");
      }
      gathers.add(g.cast(positions, DType.INT64));
      axis++;
    }

    private Value gathered() {
      if (gathers.size() == 1) {
        return g.gather(x, gathers.getFirst(), gatherAxis);
      }
      // One flat position for all indexed axes.
      Shape indexed = x.shape().subShape(gatherAxis, gatherAxis + gathers.size());
      Value flat = null;
      for (int i = 0; i < gathers.size(); i++) {
        Value size = g.squeeze(g.sizeOf(indexed.dim(i)), 0);
        Value positive =
            g.where(
                g.less(gathers.get(i), g.scalar(DType.INT64, 0)),
                g.add(gathers.get(i), size),
                gathers.get(i));
        flat = flat == null ? positive : g.add(g.mul(flat, size), positive);
      }
      Shape before = x.shape().subShape(0, gatherAxis);
      Shape after = x.shape().subShape(gatherAxis + gathers.size(), x.rank());
      Dim merged = indexed.isKnown() ? Dim.of(Tensor.elements(indexed.sizes())) : g.freshDim();
      Value rows = g.reshape(x, before.append(merged).concat(after));
      return g.gather(rows, Objects.requireNonNull(flat), gatherAxis);
    }
  }

  private static Nested<KerasTensor> take(OperationCall call) {
    Operands operands = Operands.of(call);
    GraphBuilder g = call.graph();
    Value x = operands.tensor("x");
    Value indices = g.cast(operands.tensor("indices"), DType.INT64);
    if (!operands.has("axis")) {
      return output(g.gather(g.flatten(x), indices, 0));
    }
    return output(g.gather(x, indices, operands.axis("axis", 0, x.rank())));
  }

  private static Nested<KerasTensor> takeAlongAxis(OperationCall call) {
    Operands operands = Operands.of(call);
    GraphBuilder g = call.graph();
    Value x = operands.tensor("x");
    Value indices = g.cast(operands.tensor("indices"), DType.INT64);
    if (!operands.has("axis")) {
      return output(g.gatherElements(g.flatten(x), g.flatten(indices), 0));
    }
    int axis = operands.axis("axis", -1, x.rank());
    Shape shared = g.broadcast(x.shape().with(axis, 1), indices.shape().with(axis, 1));
    Value wide = g.expand(x, shared.with(axis, x.dim(axis)));
    Value wideIndices = g.expand(indices, shared.with(axis, indices.dim(axis)));
    return output(g.gatherElements(wide, wideIndices, axis));
  }

  private static Nested<KerasTensor> nonzero(OperationCall call) {
    return nonzero(call.graph(), Operands.of(call).tensor("x"));
  }

  /** The positions of elements that are not zero, an int32 vector for each axis. */
  static Nested<KerasTensor> nonzero(GraphBuilder g, Value x) {
    Dim count = g.freshDim();
    Value positions =
        g.emit(
            "NonZero",
            Map.of(),
            List.of(g.cast(x, DType.BOOL)),
            DType.INT64,
            Shape.of(Dim.of(x.rank()), count));
    List<Value> axes = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      axes.add(g.cast(g.take(positions, 0, axis), DType.INT32));
    }
    return outputs(axes);
  }

  /**
   * https://keras.io/api/ops/numpy/#unravel_index: of tensors that are no vectors Keras's
   * TensorFlow backend takes the axes in the wrong order.
   */
  private static List<Value> unravelIndex(Operands operands) {
    GraphBuilder g = operands.graph();
    Value rest = operands.tensor("indices");
    List<Long> sizes = operands.integers("shape");
    List<Value> coordinates = new ArrayList<>();
    for (long size : rest.rank() == 1 ? sizes.reversed() : sizes) {
      Value divisor = g.scalar(rest.dtype(), size);
      coordinates.add(IntegerArithmetic.flooredRemainder(g, rest, divisor));
      rest = IntegerArithmetic.flooredQuotient(g, rest, divisor);
    }
    return coordinates.reversed();
  }
}
