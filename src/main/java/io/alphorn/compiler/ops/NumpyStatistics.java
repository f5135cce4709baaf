package io.alphorn.compiler.ops;

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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code keras.ops.numpy}: counts, correlations, differences and integrals. Types and formulas
 * follow {@code keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyStatistics {
  private NumpyStatistics() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Bincount", NumpyStatistics::bincount),
        Lowering.operation("numpy", "Histogram", NumpyStatistics::histogram),
        NumpyOperation.of("Correlate", NumpyStatistics::correlate).parameters("x1", "x2"),
        NumpyOperation.of("Corrcoef", NumpyStatistics::corrcoef),
        NumpyOperation.of("Diff", NumpyStatistics::differences).parameters("a"),
        NumpyOperation.of("Trapezoid", NumpyStatistics::trapezoid).parameters("y"));
  }

  /** https://keras.io/api/ops/numpy/#bincount */
  private static Value bincount(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (operands.bool("sparse", false)) {
      throw AlphornException.unimplemented("argument 'sparse' = true is not supported");
    }
    if (x.rank() == 0 || x.rank() > 2) {
      throw AlphornException.invalidArgument("'x' must have 1 or 2 axes, not %d", x.rank());
    }
    long least = operands.integer("minlength", 0);
    Shape shape = x.shape().with(-1, g.freshDim());
    Value numbers = x.dtype() == DType.INT64 ? x : g.cast(x, DType.INT32);
    if (!operands.has("weights")) {
      return g.host(
          "Bincount",
          List.of(numbers),
          DType.INT32,
          shape,
          inputs -> List.of(bincount(inputs.get(0), Optional.empty(), least, DType.INT32)));
    }
    DType dtype = operands.strongType("x", "weights");
    DType exact = dtype.isFloating() ? dtype : DType.INT64;
    Value weights = operands.get("weights").as(exact);
    Value sums =
        g.host(
            "Bincount",
            List.of(numbers, weights),
            exact,
            shape,
            inputs -> List.of(bincount(inputs.get(0), Optional.of(inputs.get(1)), least, exact)));
    return g.cast(sums, dtype);
  }

  private static Tensor bincount(Tensor x, Optional<Tensor> weights, long least, DType dtype) {
    long[] values = HostTensors.integers(x);
    double[] amounts = weights.map(HostTensors::reals).orElse(new double[0]);
    long greatest = Arrays.stream(values).max().orElse(-1);
    if (Arrays.stream(values).anyMatch(value -> value < 0)) {
      throw AlphornException.invalidArgument("bincount counts numbers that are not negative");
    }
    int bins = Math.toIntExact(Math.max(least, greatest + 1));
    long[] shape = x.shape();
    int length = Math.toIntExact(shape[shape.length - 1]);
    shape[shape.length - 1] = bins;
    double[] sums = new double[Math.toIntExact(Tensor.elements(shape))];
    for (int i = 0; i < values.length; i++) {
      sums[i / length * bins + (int) values[i]] += weights.isPresent() ? amounts[i] : 1;
    }
    return dtype.isFloating()
        ? HostTensors.ofReals(dtype, shape, sums)
        : HostTensors.ofIntegers(
            dtype, shape, Arrays.stream(sums).mapToLong(sum -> (long) sum).toArray());
  }

  /** https://keras.io/api/ops/numpy/#histogram: the counts in each bin and the edges of bins. */
  private static Nested<KerasTensor> histogram(OperationCall call) {
    Operands operands = Operands.of(call);
    GraphBuilder g = call.graph();
    Value x = operands.tensor("x");
    long bins = operands.integer("bins", 10);
    DType real = x.dtype().isFloating() ? x.dtype() : DType.FLOAT64;
    Value values = g.cast(x, real);
    List<Value> range =
        operands.has("range")
            ? operands.get("range").items().stream().map(end -> end.as(real)).toList()
            : List.of(g.reduceMin(values, false), g.reduceMax(values, false));
    Value low = range.get(0);
    Value high = range.get(1);
    Value ramp = g.div(g.range(Dim.of(bins + 1), real), bins);
    Value edges = g.cast(g.cast(g.add(low, g.mul(g.sub(high, low), ramp)), x.dtype()), real);
    Value inside = g.and(g.greaterOrEqual(values, low), g.lessOrEqual(values, high));
    Value reached = g.greaterOrEqual(g.unsqueeze(values, -1), g.slice(edges, 0, 1, bins));
    Value bin = g.reduceSum(g.cast(reached, DType.INT64), false, -1);
    Value chosen = g.equal(g.unsqueeze(bin, -1), g.range(Dim.of(bins), DType.INT64));
    Value counted = g.and(chosen, g.unsqueeze(inside, -1));
    Value counts = g.reduceSum(g.cast(counted, DType.INT64), false, 0);
    return outputs(List.of(g.cast(counts, x.dtype()), g.cast(edges, x.dtype())));
  }

  /** https://keras.io/api/ops/numpy/#correlate */
  private static Value correlate(Operands operands) {
    GraphBuilder g = operands.graph();
    DType common = operands.strongType("x1", "x2");
    DType real = common.isFloating() ? common : DType.FLOAT32;
    DType dtype = common == DType.INT64 ? DType.FLOAT64 : real;
    String mode = operands.string("mode", "valid");
    List<Value> values = operands.as(dtype, "x1", "x2");
    Dim left = values.get(0).dim(0);
    Dim right = values.get(1).dim(0);
    boolean known = left.isKnown() && right.isKnown();
    Dim dim = known ? Dim.of(Overlap.of(mode, left.size(), right.size()).length()) : g.freshDim();
    return g.host(
        "Correlate",
        values,
        dtype,
        Shape.of(dim),
        inputs -> List.of(correlate(mode, dtype, inputs.get(0), inputs.get(1))));
  }

  /**
   * Which shifts of one vector over another count.
   *
   * @param from the first shift, from 1 - m on
   */
  private record Overlap(long from, long length) {
    static Overlap of(String mode, long n, long m) {
      long all = n + m - 1;
      return switch (mode) {
        case "full" -> new Overlap(1 - m, all);
        case "same" -> new Overlap(1 - m + (all - Math.max(n, m)) / 2, Math.max(n, m));
        case "valid" -> new Overlap(0, Math.max(0, n - m + 1));
        default ->
            throw AlphornException.invalidArgument("argument 'mode' = \"%s\" is unknown", mode);
      };
    }
  }

  private static Tensor correlate(String mode, DType dtype, Tensor x, Tensor y) {
    double[] a = HostTensors.reals(x);
    double[] b = HostTensors.reals(y);
    Overlap overlap = Overlap.of(mode, a.length, b.length);
    double[] sums = new double[(int) overlap.length()];
    for (int i = 0; i < sums.length; i++) {
      int shift = (int) overlap.from() + i;
      for (int j = Math.max(0, -shift); j < b.length && shift + j < a.length; j++) {
        sums[i] += a[shift + j] * b[j];
      }
    }
    return HostTensors.ofReals(dtype, new long[] {sums.length}, sums);
  }

  /** https://keras.io/api/ops/numpy/#corrcoef */
  private static Value corrcoef(Operands operands) {
    GraphBuilder g = operands.graph();
    Operand input = operands.get("x");
    Value x = input.as(Promotion.withFloat(input.dtype()));
    if (x.rank() == 0) {
      return g.scalar(DType.FLOAT32, Double.NaN);
    }
    Value centered = g.sub(x, g.reduceMean(x, true, -1));
    Value degrees = g.sub(g.cast(g.squeeze(g.sizeOf(x.dim(-1)), 0), x.dtype()), 1);
    Value covariance = g.div(g.matMul(centered, g.swapAxes(centered, -1, -2)), degrees);
    Value deviation = g.sqrt(g.div(g.reduceSum(g.square(centered), false, -1), degrees));
    Value scale = g.mul(g.unsqueeze(deviation, -1), g.unsqueeze(deviation, -2));
    Value correlation = g.div(covariance, scale);
    return g.where(g.isNaN(correlation), correlation, g.clip(correlation, -1, 1));
  }

  /** https://keras.io/api/ops/numpy/#diff */
  private static Value differences(Operands operands) {
    Value x = operands.tensor("a");
    int axis = operands.axis("axis", -1, x.rank());
    for (long order = operands.integer("n", 1); order > 0; order--) {
      x = difference(operands.graph(), x, axis);
    }
    return x;
  }

  private static Value difference(GraphBuilder g, Value x, int axis) {
    Value later = g.slice(x, axis, 1, Long.MAX_VALUE);
    Value earlier = g.slice(x, axis, 0, -1);
    return x.dtype() == DType.BOOL ? g.xor(later, earlier) : g.sub(later, earlier);
  }

  /** https://keras.io/api/ops/numpy/#trapezoid */
  private static Value trapezoid(Operands operands) {
    GraphBuilder g = operands.graph();
    Operand input = operands.get("y");
    Value y = input.as(Promotion.withFloat(input.dtype()));
    long axis = operands.integer("axis", -1);
    Value rows = g.moveAxis(y, Operands.position(axis, y.rank()), -1);
    Value heights =
        g.mul(g.add(g.slice(rows, -1, 1, Long.MAX_VALUE), g.slice(rows, -1, 0, -1)), 0.5);
    Value widths = g.scalar(y.dtype(), operands.real("dx", 1));
    if (operands.has("x")) {
      Value x = operands.get("x").as(y.dtype());
      int position = Operands.position(axis, x.rank());
      widths = g.moveAxis(difference(g, x, position), position, -1);
    }
    return g.reduceSum(g.mul(heights, widths), false, -1);
  }
}
