package io.alphorn.compiler.ops;

import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Value;
import java.util.List;
import java.util.function.Function;

/** Lowerings of classes of {@code keras.src.ops.numpy} as functions of their arguments. */
final class NumpyOperation {
  private NumpyOperation() {}

  /** An operation with one output. */
  static Lowering of(String className, Function<Operands, Value> function) {
    return Lowering.operation(
        "numpy", className, call -> OperationCall.output(function.apply(Operands.of(call))));
  }

  /** An operation with several outputs. */
  static Lowering ofParts(String className, Function<Operands, List<Value>> function) {
    return Lowering.operation(
        "numpy", className, call -> OperationCall.outputs(function.apply(Operands.of(call))));
  }
}
