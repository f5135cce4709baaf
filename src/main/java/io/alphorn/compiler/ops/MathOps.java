package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import org.apache.commons.numbers.gamma.InverseErf;

/**
 * {@code keras.ops.math}: selection, distances and special functions. Follows {@code
 * keras/src/backend/tensorflow/math.py}.
 */
public final class MathOps {
  private MathOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("math", "TopK", MathOps::topK)
            .notes("Sorted with sorted=False too, where TensorFlow gives them in any order."),
        Lowering.operation("math", "InTopK", MathOps::inTopK).parameters("targets", "predictions"),
        Lowering.operation("math", "Logsumexp", MathOps::logSumExp),
        Lowering.operation("math", "CDist", MathOps::distances).parameters("x", "y"),
        Lowering.operation("math", "Rsqrt", MathOps::rsqrt),
        Lowering.operation("math", "Erf", MathOps::erf),
        Lowering.operation("math", "Erfc", MathOps::erfc),
        Lowering.operation("math", "Erfinv", MathOps::erfinv));
  }

  private static Nested<KerasTensor> topK(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    long k = operands.integer("k");
    if (k < 0 || (x.dim(-1).isKnown() && k > x.dim(-1).size())) {
      throw AlphornException.invalidArgument("k must be from 0 to %s, found %d", x.dim(-1), k);
    }
    List<Value> found = g.topK(x, k, -1, true);
    return outputs(List.of(found.get(0), g.cast(found.get(1), DType.INT32)));
  }

  /** Whether fewer than k predictions are greater than the target's; never among infinite ones. */
  private static Nested<KerasTensor> inTopK(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value predictions = operands.tensor("predictions");
    Value targets = g.unsqueeze(g.cast(operands.tensor("targets"), DType.INT64), -1);
    Value last = g.sub(g.sizeOf(predictions.dim(-1)), g.longs(1));
    Value inside = g.min(g.max(targets, g.longs(0)), last);
    Value target = g.gatherElements(predictions, inside, -1);
    Value greater = g.cast(g.greater(predictions, target), DType.INT64);
    Value few =
        g.less(g.reduceSum(greater, true, -1), g.scalar(DType.INT64, operands.integer("k")));
    Value infinite = g.or(g.isInf(predictions), g.isNaN(predictions));
    Value finite = g.equal(count(g, infinite), g.longs(0));
    Value hit = g.and(g.and(few, finite), g.equal(targets, inside));
    return output(g.squeeze(hit, -1));
  }

  private static Value count(GraphBuilder g, Value condition) {
    return g.reduceSum(g.cast(condition, DType.INT64), true, -1);
  }

  private static Nested<KerasTensor> logSumExp(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    int[] axes = operands.axes("axis", x.rank());
    boolean keepDims = operands.bool("keepdims", false);
    Value greatest = g.reduceMax(x, true, axes);
    Value infinite = g.or(g.isInf(greatest), g.isNaN(greatest));
    Value reference = g.where(infinite, g.scalar(x.dtype(), 0), greatest);
    Value sum = g.log(g.reduceSum(g.exp(g.sub(x, reference)), true, axes));
    Value result = g.add(sum, reference);
    return output(keepDims ? result : squeezed(g, result, axes));
  }

  private static Value squeezed(GraphBuilder g, Value x, int[] axes) {
    // A sum over axes of size 1 takes them away, in whatever order they stand.
    return axes.length == 0 ? x : g.reduceSum(x, false, axes);
  }

  private static Nested<KerasTensor> distances(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    DType dtype = Promotion.withFloat(operands.strongType("x", "y"));
    Value x = g.unsqueeze(operands.get("x").as(dtype), -2);
    Value y = operands.get("y").as(dtype);
    Value difference = g.sub(x, g.unsqueeze(y, y.rank() - 2));
    return output(g.sqrt(g.reduceSum(g.square(difference), false, -1)));
  }

  private static Nested<KerasTensor> rsqrt(OperationCall call) {
    return output(NormalizationOps.rsqrt(call.graph(), Operands.of(call).tensor("x")));
  }

  private static Nested<KerasTensor> erf(OperationCall call) {
    return output(call.graph().erf(Operands.of(call).tensor("x")));
  }

  private static Nested<KerasTensor> erfc(OperationCall call) {
    GraphBuilder g = call.graph();
    return output(g.sub(1, g.erf(Operands.of(call).tensor("x"))));
  }

  private static Nested<KerasTensor> erfinv(OperationCall call) {
    Value x = Operands.of(call).tensor("x");
    return output(HostElementwise.unary(call.graph(), "Erfinv", x, InverseErf::value));
  }
}
