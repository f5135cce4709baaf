package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;

/** {@code keras.ops.nn}: classes as vectors of zeros and ones. A sparse result is given dense. */
public final class EncodingOps {
  private EncodingOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "OneHot", EncodingOps::oneHot),
        Lowering.operation("nn", "MultiHot", EncodingOps::multiHot).parameters("inputs"));
  }

  private static Nested<KerasTensor> oneHot(OperationCall call) {
    Operands operands = Operands.of(call);
    return output(oneHot(call.graph(), operands.tensor("x"), operands));
  }

  private static Nested<KerasTensor> multiHot(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    return output(g.reduceMax(oneHot(g, x, operands), false, x.rank() > 1 ? 1 : 0));
  }

  /** A class that is not one of {@code num_classes} gives zeros. */
  private static Value oneHot(GraphBuilder g, Value x, Operands operands) {
    int axis = Operands.position(operands.integer("axis", -1), x.rank() + 1);
    Value classes = g.range(Dim.of(operands.integer("num_classes")), DType.INT64);
    for (int i = axis; i < x.rank(); i++) {
      classes = g.unsqueeze(classes, -1);
    }
    Value hot = g.equal(g.unsqueeze(g.cast(x, DType.INT64), axis), classes);
    return g.cast(hot, operands.dtype("dtype").orElse(DType.FLOAT32));
  }
}
