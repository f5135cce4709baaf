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
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * {@code keras.ops.nn}: normalizations and moments, in the types in which {@code
 * keras/src/ops/nn.py} and {@code keras/src/backend/tensorflow/nn.py} compute them.
 */
public final class NormalizationOps {
  /** Keras's {@code backend.epsilon()}. */
  static final double EPSILON = 1e-7;

  private static final double BATCH_EPSILON = 1e-3;
  private static final double GREATEST_FLOAT16 = 65504;
  private static final long EUCLIDEAN = 2;

  private NormalizationOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "Moments", NormalizationOps::moments),
        Lowering.operation("nn", "BatchNorm", NormalizationOps::batchNorm)
            .parameters("x", "mean", "variance", "offset", "scale"),
        Lowering.operation("nn", "LayerNorm", NormalizationOps::layerNorm)
            .parameters("x", "gamma", "beta"),
        Lowering.operation("nn", "RMSNorm", NormalizationOps::rmsNorm).parameters("x", "scale"),
        Lowering.operation("nn", "Normalize", NormalizationOps::normalize));
  }

  /** Narrow types are computed in float32 and, bfloat16 too, held in float16's range. */
  private static Nested<KerasTensor> moments(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value given = operands.tensor("x");
    boolean narrow = given.dtype() == DType.FLOAT16 || given.dtype() == DType.BFLOAT16;
    Value x = narrow ? g.cast(given, DType.FLOAT32) : given;
    int[] axes = operands.axes("axes", x.rank());
    Value mean = g.reduceMean(x, true, axes);
    Value variance =
        operands.bool("synchronized", false)
            ? g.max(g.sub(g.reduceMean(g.square(x), true, axes), g.square(mean)), 0)
            : variance(g, x, mean, axes);
    return outputs(
        List.of(mean, variance).stream()
            .map(moment -> operands.bool("keepdims", false) ? moment : squeeze(g, moment, axes))
            .map(moment -> narrow ? narrowed(g, moment, given.dtype()) : moment)
            .toList());
  }

  private static Value narrowed(GraphBuilder g, Value moment, DType dtype) {
    return g.cast(g.clip(moment, -GREATEST_FLOAT16, GREATEST_FLOAT16), dtype);
  }

  private static Value squeeze(GraphBuilder g, Value x, int[] axes) {
    Value squeezed = x;
    int[] descending =
        Arrays.stream(axes)
            .boxed()
            .sorted(Collections.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray();
    for (int axis : descending) {
      squeezed = g.squeeze(squeezed, axis);
    }
    return squeezed;
  }

  private static Value variance(GraphBuilder g, Value x, Value mean, int[] axes) {
    return g.reduceMean(g.square(g.sub(x, mean)), true, axes);
  }

  private static Nested<KerasTensor> batchNorm(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    int axis = operands.axis("axis", -1, x.rank());
    Value mean = along(g, operands.tensor("mean"), axis, x);
    Value variance = along(g, operands.tensor("variance"), axis, x);
    Value inverse = rsqrt(g, g.add(variance, operands.real("epsilon", BATCH_EPSILON)));
    Optional<Value> scale =
        operands.find("scale").map(o -> along(g, o.as(inverse.dtype()), axis, x));
    Value factor = scale.isPresent() ? g.mul(inverse, scale.get()) : inverse;
    Value shift = g.neg(g.mul(mean, factor));
    Optional<Value> offset =
        operands.find("offset").map(o -> along(g, o.as(shift.dtype()), axis, x));
    Value moved = offset.isPresent() ? g.add(offset.get(), shift) : shift;
    return output(g.add(g.mul(x, g.cast(factor, x.dtype())), g.cast(moved, x.dtype())));
  }

  /** A vector along an axis of {@code x}. */
  private static Value along(GraphBuilder g, Value vector, int axis, Value x) {
    Value aligned = vector;
    for (int i = axis + 1; i < x.rank(); i++) {
      aligned = g.unsqueeze(aligned, -1);
    }
    return aligned;
  }

  private static Nested<KerasTensor> layerNorm(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value given = operands.tensor("x");
    DType dtype = Promotion.resultType(given.dtype(), DType.FLOAT32);
    Value x = g.cast(given, dtype);
    int[] axes = axesOrLast(operands, x.rank());
    double epsilon = operands.real("epsilon", EPSILON);
    Value gamma =
        operands.find("gamma").map(o -> spread(g, o.as(dtype), axes, x)).orElse(Value.NONE);
    Value beta = operands.find("beta").map(o -> spread(g, o.as(dtype), axes, x)).orElse(Value.NONE);
    Value normalized =
        operands.bool("rms_scaling", false)
            ? scaledByDeviation(g, x, gamma, axes, epsilon)
            : layerNorm(g, x, gamma, beta, axes, epsilon);
    return output(g.cast(normalized, given.dtype()));
  }

  private static Value layerNorm(
      GraphBuilder g, Value x, Value gamma, Value beta, int[] axes, double epsilon) {
    Value mean = g.reduceMean(x, true, axes);
    Value inverse = rsqrt(g, g.add(variance(g, x, mean, axes), epsilon));
    Value factor = gamma.isPresent() ? g.mul(inverse, gamma) : inverse;
    Value shift = g.neg(g.mul(mean, factor));
    return g.add(g.mul(x, factor), beta.isPresent() ? g.add(shift, beta) : shift);
  }

  /** Keras's deprecated {@code rms_scaling}: no mean is taken away and no beta is added. */
  private static Value scaledByDeviation(
      GraphBuilder g, Value x, Value gamma, int[] axes, double epsilon) {
    Value mean = g.reduceMean(x, true, axes);
    Value scaled = g.mul(x, rsqrt(g, g.add(variance(g, x, mean, axes), epsilon)));
    return gamma.isPresent() ? g.mul(scaled, gamma) : scaled;
  }

  /** A tensor over {@code axes} of {@code x}, with axes of size 1 between them. */
  private static Value spread(GraphBuilder g, Value parameter, int[] axes, Value x) {
    boolean last = axes.length == 1 && axes[0] == x.rank() - 1;
    if (parameter.rank() == x.rank() || last) {
      return parameter;
    }
    List<Dim> dims = new ArrayList<>(Collections.nCopies(x.rank(), Dim.of(1)));
    for (int axis : axes) {
      dims.set(axis, x.dim(axis));
    }
    return g.reshape(parameter, new Shape(dims));
  }

  private static Nested<KerasTensor> rmsNorm(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value given = operands.tensor("x");
    DType dtype = Promotion.resultType(given.dtype(), DType.FLOAT32);
    Value x = atLeastVector(g, g.cast(given, dtype));
    int[] axes = axesOrLast(operands, x.rank());
    Value meanSquare = g.reduceMean(g.square(x), true, axes);
    Value scaled = g.mul(x, rsqrt(g, g.add(meanSquare, operands.real("epsilon", EPSILON))));
    Optional<Value> scale = operands.find("scale").map(operand -> operand.as(dtype));
    Value result = scale.isPresent() ? g.mul(scaled, scale.get()) : scaled;
    return output(g.cast(result, given.dtype()));
  }

  private static Nested<KerasTensor> normalize(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = atLeastVector(g, operands.tensor("x"));
    double epsilon = operands.real("epsilon", EPSILON);
    long order = operands.integer("order", EUCLIDEAN);
    if (order == EUCLIDEAN) {
      int[] axes = axesOrLast(operands, x.rank());
      Value inverse = rsqrt(g, g.reduceSum(g.square(x), true, axes));
      return output(g.mul(x, g.min(inverse, 1 / epsilon)));
    }
    Value norm = Norms.of(g, x, Norms.Order.of(order), axesOrLast(operands, x.rank()), true);
    return output(g.div(g.cast(x, norm.dtype()), g.max(norm, epsilon)));
  }

  private static int[] axesOrLast(Operands operands, int rank) {
    return operands.has("axis") ? operands.axes("axis", rank) : new int[] {rank - 1};
  }

  private static Value atLeastVector(GraphBuilder g, Value x) {
    return x.rank() == 0 ? g.unsqueeze(x, 0) : x;
  }

  static Value rsqrt(GraphBuilder g, Value x) {
    return g.reciprocal(g.sqrt(x));
  }
}
