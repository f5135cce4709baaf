package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * {@code keras.ops.numpy}: tensors made from scratch, of one number or of numbers in a row. Types
 * and formulas follow {@code keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyFills {
  private NumpyFills() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Array", NumpyFills::array),
        NumpyOperation.of("EmptyLike", o -> like(o, 0)),
        NumpyOperation.of("ZerosLike", o -> like(o, 0)),
        NumpyOperation.of("OnesLike", o -> like(o, 1)),
        NumpyOperation.of("FullLike", NumpyFills::fullLike).parameters("x", "fill_value"),
        NumpyOperation.of("Full", NumpyFills::full).parameters("fill_value"),
        NumpyOperation.of("Ndim", o -> o.graph().scalar(DType.INT32, o.tensor("x").rank())),
        NumpyOperation.of("Size", NumpyFills::size),
        NumpyOperation.of("Arange", NumpyFills::arange).parameters("start", "stop", "step"),
        Lowering.operation("numpy", "Linspace", NumpyFills::linspace).parameters("start", "stop"),
        NumpyOperation.of("Logspace", NumpyFills::logspace).parameters("start", "stop"),
        NumpyOperation.of("Geomspace", NumpyFills::geomspace).parameters("start", "stop"),
        NumpyOperation.of("Vander", NumpyFills::vander));
  }

  private static Value array(Operands operands) {
    Operand x = operands.get("x");
    return operands.dtype("dtype").map(x::as).orElseGet(x::tensor);
  }

  private static Value like(Operands operands, double number) {
    Value x = operands.tensor("x");
    return operands.graph().fill(x.shape(), operands.dtype("dtype").orElse(x.dtype()), number);
  }

  private static Value fullLike(Operands operands) {
    Value x = operands.tensor("x");
    DType dtype = Promotion.resultType(operands.dtype("dtype").orElse(x.dtype()));
    return operands.graph().expand(operands.get("fill_value").as(dtype), x.shape());
  }

  private static Value full(Operands operands) {
    DType dtype = operands.dtype("dtype").orElse(DType.FLOAT32);
    long[] shape = operands.integers("shape").stream().mapToLong(Long::longValue).toArray();
    return operands.graph().expand(operands.get("fill_value").as(dtype), Shape.of(shape));
  }

  /** The number of elements in each run. */
  private static Value size(Operands operands) {
    GraphBuilder g = operands.graph();
    Shape shape = operands.tensor("x").shape();
    return shape.rank() == 0
        ? g.scalar(DType.INT32, 1)
        : g.cast(g.reduce("ReduceProd", g.sizesOf(shape), false, 0), DType.INT32);
  }

  /** https://keras.io/api/ops/numpy/#arange */
  private static Value arange(Operands operands) {
    GraphBuilder g = operands.graph();
    Optional<Operand> stop = operands.find("stop");
    Optional<Operand> step = operands.find("step");
    List<Promotion.Type> types = new ArrayList<>();
    types.add(operands.get("start").type());
    stop.ifPresent(operand -> types.add(operand.type()));
    step.ifPresent(operand -> types.add(operand.type()));
    DType dtype = operands.dtype("dtype").orElseGet(() -> Promotion.resultType(types));
    Value start = operands.get("start").as(dtype);
    Value zero = g.scalar(dtype, 0);
    return g.emit(
        "Range",
        Map.of(),
        List.of(
            stop.isPresent() ? start : zero,
            stop.map(operand -> operand.as(dtype)).orElse(start),
            step.map(operand -> operand.as(dtype)).orElseGet(() -> g.scalar(dtype, 1))),
        dtype,
        Shape.of(g.freshDim()));
  }

  /** https://keras.io/api/ops/numpy/#linspace */
  private static Nested<KerasTensor> linspace(OperationCall call) {
    Operands operands = Operands.of(call);
    DType dtype =
        operands
            .dtype("dtype")
            .orElseGet(() -> Promotion.withFloat(operands.resultType("start", "stop")));
    List<Value> ends = operands.as(dtype, "start", "stop");
    Line line = line(operands, ends.get(0), ends.get(1), dtype);
    return operands.bool("retstep", false)
        ? outputs(List.of(line.points(), line.step()))
        : output(line.points());
  }

  /** Equally spaced points along a new axis, and the space between them. */
  private record Line(Value points, Value step) {}

  private static Line line(Operands operands, Value start, Value stop, DType dtype) {
    GraphBuilder g = operands.graph();
    long count = operands.integer("num", 50);
    DType real = dtype.isFloating() ? dtype : dividing(dtype);
    Shape shape = g.broadcast(start.shape(), stop.shape());
    Value first = g.expand(g.cast(start, real), shape);
    Value last = g.expand(g.cast(stop, real), shape);
    boolean endpoint = operands.bool("endpoint", true);
    Value step = g.scalar(DType.FLOAT32, Double.NaN);
    if (endpoint ? count > 1 : count > 0) {
      step = g.div(g.sub(last, first), endpoint ? count - 1 : count);
    }
    if (!endpoint && count > 1) {
      last = g.sub(last, step);
    }
    int axis = Operands.position(operands.integer("axis", 0), shape.rank() + 1);
    Value points = points(g, g.unsqueeze(first, axis), g.unsqueeze(last, axis), count, axis);
    return new Line(g.cast(dtype.isFloating() ? points : g.floor(points), dtype), step);
  }

  /** The type in which TensorFlow divides integers of a type. */
  private static DType dividing(DType dtype) {
    return dtype.bytes() <= 2 ? DType.FLOAT32 : DType.FLOAT64;
  }

  private static Value points(GraphBuilder g, Value first, Value last, long count, int axis) {
    if (count <= 2) {
      Value ends = g.concat(axis, first, last);
      return g.slice(ends, axis, 0, count);
    }
    Value space = g.div(g.sub(last, first), count - 1);
    long[] steps = LongStream.range(1, count - 1).toArray();
    Value ramp = g.cast(g.longs(steps), first.dtype());
    for (int after = axis + 1; after < first.rank(); after++) {
      ramp = g.unsqueeze(ramp, -1);
    }
    return g.concat(axis, first, g.add(first, g.mul(space, ramp)), last);
  }

  /** https://keras.io/api/ops/numpy/#logspace */
  private static Value logspace(Operands operands) {
    DType dtype =
        operands
            .dtype("dtype")
            .orElseGet(() -> Promotion.withFloat(operands.resultType("start", "stop")));
    List<Value> ends = operands.as(dtype, "start", "stop");
    return powers(operands, ends.get(0), ends.get(1), dtype, operands.real("base", 10));
  }

  private static Value powers(
      Operands operands, Value start, Value stop, DType dtype, double base) {
    GraphBuilder g = operands.graph();
    Value exponents = line(operands, start, stop, dtype).points();
    Value bases = g.scalar(dtype, base);
    return dtype.isFloating()
        ? g.pow(bases, exponents)
        : IntegerArithmetic.power(g, bases, exponents);
  }

  /** https://keras.io/api/ops/numpy/#geomspace */
  private static Value geomspace(Operands operands) {
    GraphBuilder g = operands.graph();
    DType real = operands.dtype("dtype").orElse(DType.FLOAT32);
    Value start = g.cast(operands.tensor("start"), real);
    Value stop = g.cast(operands.tensor("stop"), real);
    Value result = powers(operands, decade(g, start), decade(g, stop), real, 10);
    return g.mul(result, NumpyUnary.sign(g, start));
  }

  private static Value decade(GraphBuilder g, Value x) {
    return g.div(g.log(g.abs(x)), Math.log(10));
  }

  /** https://keras.io/api/ops/numpy/#vander */
  private static Value vander(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    DType dtype = Promotion.resultType(x.dtype(), DType.FLOAT32);
    Value exponents =
        operands
            .find("N")
            .map(count -> g.range(io.alphorn.compiler.graph.Dim.of(count.integer()), dtype))
            .orElseGet(() -> g.range(x.dim(0), dtype));
    Value order = operands.bool("increasing", false) ? exponents : g.reverse(exponents, 0);
    Value powers = g.pow(g.cast(g.unsqueeze(x, -1), dtype), order);
    return g.cast(powers, Promotion.resultType(x.dtype()));
  }
}
