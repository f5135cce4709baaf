package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import java.util.List;

/**
 * The cells that stand in Keras's own test modules ({@code keras/src/layers/rnn/*_test.py}). They
 * are part of the installed package, so Keras loads archives with them like any other.
 */
final class TestModuleCells {
  private TestModuleCells() {}

  static void register(LoweringRegistry registry) {
    registry.addAll(
        cell("OneStateRNNCell", TestModuleCells::oneState, "units", "state_size"),
        cell(
            "RNNCellWithDropout",
            TestModuleCells::oneState,
            "units",
            "dropout",
            "recurrent_dropout"),
        cell("TwoStatesRNNCell", TestModuleCells::twoStates, "units", "state_size"));
  }

  private static Lowering cell(String className, Lowering.Function function, String... arguments) {
    return Lowering.layer(className, function)
        .arguments(arguments)
        .parameters("inputs", "states", "training")
        .masking(Masking.STOP);
  }

  private static Nested<KerasTensor> oneState(OperationCall call) {
    boolean drops =
        call.config().real("dropout", 0) > 0 || call.config().real("recurrent_dropout", 0) > 0;
    if (drops && call.training()) {
      throw call.unsupported("dropout in training");
    }
    Value output = call.graph().add(fromInput(call), fromState(call, "recurrent_kernel"));
    return result(output, output);
  }

  /** Both states are computed from the first. */
  private static Nested<KerasTensor> twoStates(OperationCall call) {
    GraphBuilder g = call.graph();
    Value input = fromInput(call);
    Value first = g.add(input, fromState(call, "recurrent_kernel_1"));
    Value second = g.add(input, fromState(call, "recurrent_kernel_2"));
    return result(g.add(first, second), first, second);
  }

  private static Value fromInput(OperationCall call) {
    long units = call.config().integer("units");
    Value kernel = call.weight("kernel", call.input().shape().size(-1), units);
    return call.graph().matMul(call.input(), kernel);
  }

  private static Value fromState(OperationCall call, String kernel) {
    long units = call.config().integer("units");
    Value state = call.arguments().tensors("states").getFirst().value();
    return call.graph().matMul(state, call.weight(kernel, units, units));
  }

  private static Nested<KerasTensor> result(Value output, Value... states) {
    return new Nested.Items<>(
        List.of(OperationCall.output(output), OperationCall.outputs(List.of(states))));
  }
}
