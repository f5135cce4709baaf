package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

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
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * {@code keras.ops.core}: conversions, slices and scatters. Follows {@code
 * keras/src/backend/tensorflow/core.py}.
 */
public final class CoreOps {
  private CoreOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("core", "Cast", CoreOps::cast),
        Lowering.operation("core", "SaturateCast", CoreOps::saturateCast),
        Lowering.operation("core", "ConvertToTensor", CoreOps::convertToTensor),
        Lowering.operation("core", "StopGradient", CoreOps::stopGradient).parameters("variable"),
        Lowering.operation("core", "Slice", CoreOps::slice).parameters("inputs", "start_indices"),
        Lowering.operation("core", "SliceUpdate", CoreOps::sliceUpdate)
            .parameters("inputs", "start_indices", "updates"),
        Lowering.operation("core", "Scatter", CoreOps::scatter).parameters("indices", "values"),
        Lowering.operation("core", "ScatterUpdate", CoreOps::scatterUpdate)
            .parameters("inputs", "indices", "updates"),
        Lowering.operation("core", "Unstack", CoreOps::unstack));
  }

  private static Nested<KerasTensor> cast(OperationCall call) {
    Operands operands = Operands.of(call);
    DType dtype = DType.of(operands.get("dtype").string());
    return output(convert(call.graph(), operands.tensor("x"), dtype));
  }

  private static Nested<KerasTensor> convertToTensor(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    return output(convert(call.graph(), x, operands.dtype("dtype").orElse(x.dtype())));
  }

  /** TensorFlow's cast; of complex numbers, which ONNX Runtime lacks, it takes the real parts. */
  private static Value convert(GraphBuilder g, Value x, DType dtype) {
    if (x.dtype() == dtype || !(x.dtype().isComplex() || dtype.isComplex())) {
      return g.cast(x, dtype);
    }
    return g.host(
        "Cast",
        List.of(x),
        dtype,
        x.shape(),
        inputs -> List.of(Casts.cast(inputs.getFirst(), dtype)));
  }

  private static Nested<KerasTensor> saturateCast(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    DType dtype = DType.of(operands.get("dtype").string());
    Value x = operands.tensor("x");
    return output(saturated(g, x, dtype));
  }

  /** A cast that holds what is out of range at the nearest number. */
  public static Value saturated(GraphBuilder g, Value x, DType dtype) {
    if (x.dtype() == DType.BOOL) {
      return g.cast(x, dtype);
    }
    SaturationBounds bounds = SaturationBounds.of(x.dtype(), dtype);
    Value raised = g.max(x, g.constant(bounds.least()));
    return g.cast(g.min(raised, g.constant(bounds.greatest())), dtype);
  }

  private static Nested<KerasTensor> stopGradient(OperationCall call) {
    return call.arguments().get("variable");
  }

  /** TensorFlow's slice: a size of -1 takes all that is left. */
  private static Nested<KerasTensor> slice(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    List<Long> sizes = operands.integers("shape");
    Value starts = g.cast(operands.tensor("start_indices"), DType.INT64);
    List<Value> ends = new ArrayList<>();
    Shape shape = Shape.SCALAR;
    for (int axis = 0; axis < sizes.size(); axis++) {
      long size = sizes.get(axis);
      ends.add(
          size < 0
              ? g.longs(Long.MAX_VALUE)
              : g.add(g.slice(starts, 0, axis, axis + 1L), g.longs(size)));
      shape = shape.append(size < 0 ? rest(g, operands, x, axis) : Dim.of(size));
    }
    Value axes = g.longs(LongStream.range(0, x.rank()).toArray());
    return output(
        g.emit("Slice", Map.of(), List.of(x, starts, g.concat(0, ends), axes), x.dtype(), shape));
  }

  private static Dim rest(GraphBuilder g, Operands operands, Value x, int axis) {
    Operand starts = operands.get("start_indices");
    if (!starts.isKnown()) {
      return g.freshDim();
    }
    long start = starts.integers().get(axis);
    Dim dim = x.dim(axis);
    return start == 0 ? dim : dim.isKnown() ? Dim.of(dim.size() - start) : g.freshDim();
  }

  /** XLA's dynamic update: starts are moved so that the updates fit into the tensor. */
  private static Nested<KerasTensor> sliceUpdate(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value updates = operands.get("updates").as(x.dtype());
    Value room = g.sub(g.sizesOf(x.shape()), g.sizesOf(updates.shape()));
    Value wanted = g.cast(operands.tensor("start_indices"), DType.INT64);
    Value starts = g.min(g.max(wanted, g.longs(0)), room);
    Value pads = g.concat(0, starts, g.sub(room, starts));
    Value updated = pad(g, g.expand(g.scalar(DType.BOOL, 1), updates.shape()), pads, x.shape());
    return output(g.where(updated, pad(g, updates, pads, x.shape()), x));
  }

  private static Value pad(GraphBuilder g, Value x, Value pads, Shape shape) {
    return g.emit("Pad", Map.of(), List.of(x, pads, g.scalar(x.dtype(), 0)), x.dtype(), shape);
  }

  private static Nested<KerasTensor> scatter(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value values = operands.tensor("values");
    long[] sizes = operands.integers("shape").stream().mapToLong(Long::longValue).toArray();
    Value zeros = g.fill(Shape.of(sizes), values.dtype(), 0);
    return output(scatterInto(g, zeros, operands.tensor("indices"), values, "add"));
  }

  private static Nested<KerasTensor> scatterUpdate(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value updates = operands.get("updates").as(x.dtype());
    String reduction = operands.string("reduction", "none");
    return output(scatterInto(call.graph(), x, operands.tensor("indices"), updates, reduction));
  }

  /** ONNX Runtime reduces no narrow floating types here, whatever its list of kernels says. */
  private static Value scatterInto(
      GraphBuilder g, Value x, Value indices, Value updates, String reduction) {
    boolean narrow = x.dtype() == DType.FLOAT16 || x.dtype() == DType.BFLOAT16;
    DType dtype = narrow && !reduction.equals("none") ? DType.FLOAT32 : x.dtype();
    Value scattered =
        g.emit(
            "ScatterND",
            Map.of("reduction", Attribute.of(reduction)),
            List.of(g.cast(x, dtype), g.cast(indices, DType.INT64), g.cast(updates, dtype)),
            dtype,
            x.shape());
    return g.cast(scattered, x.dtype());
  }

  private static Nested<KerasTensor> unstack(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    int axis = operands.axis("axis", 0, x.rank());
    long count = operands.has("num") ? operands.integer("num") : x.shape().size(axis);
    return outputs(LongStream.range(0, count).mapToObj(i -> g.take(x, axis, i)).toList());
  }
}
