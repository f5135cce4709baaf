package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One step of a recurrent network: SimpleRNNCell, LSTMCell, GRUCell and StackedRNNCells. */
final class RecurrentCells {
  static final String[] SIMPLE_ARGUMENTS = {
    "units", "activation", "use_bias", "dropout", "recurrent_dropout"
  };
  static final String[] LSTM_ARGUMENTS = {
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "unit_forget_bias",
    "dropout",
    "recurrent_dropout",
    "implementation"
  };
  static final String[] GRU_ARGUMENTS = {
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "reset_after",
    "dropout",
    "recurrent_dropout",
    "implementation"
  };

  private RecurrentCells() {}

  static void register(LoweringRegistry registry) {
    registry.addAll(
        cell("SimpleRNNCell", RecurrentCells::simple).arguments(SIMPLE_ARGUMENTS),
        cell("LSTMCell", RecurrentCells::lstm).arguments(LSTM_ARGUMENTS),
        cell("GRUCell", RecurrentCells::gru).arguments(GRU_ARGUMENTS),
        cell("StackedRNNCells", RecurrentCells::stacked).arguments("cells"));
  }

  private static Lowering cell(String className, Lowering.Function function) {
    return Lowering.layer(className, function)
        .parameters(
            "inputs", "states", "training", CellDropout.INPUT_MASKS, CellDropout.RECURRENT_MASKS)
        .masking(Masking.STOP);
  }

  /** The sizes of a cell's states, flattened. */
  static List<Long> stateSizes(SerializedObject cell) {
    return switch (cell.className()) {
      case "SimpleRNNCell", "GRUCell", "OneStateRNNCell", "RNNCellWithDropout" ->
          List.of(cell.config().integer("units"));
      case "LSTMCell", "TwoStatesRNNCell" ->
          List.of(cell.config().integer("units"), cell.config().integer("units"));
      case "StackedRNNCells" ->
          cell.config().serializedList("cells").stream()
              .flatMap(inner -> stateSizes(inner).stream())
              .toList();
      default ->
          throw AlphornException.unimplemented(
              "recurrent cell '%s' is not one of Keras's: SimpleRNNCell, LSTMCell, GRUCell,"
                  + " StackedRNNCells",
              cell.className());
    };
  }

  /** The size of a cell's output. */
  static long outputSize(SerializedObject cell) {
    return cell.className().equals("StackedRNNCells")
        ? outputSize(cell.config().serializedList("cells").getLast())
        : stateSizes(cell).getFirst();
  }

  private static List<Value> states(OperationCall call) {
    return call.arguments().tensors("states").stream().map(KerasTensor::value).toList();
  }

  /** The output and the states, which are a list where they came as one. */
  private static Nested<KerasTensor> result(OperationCall call, Value output, Value... states) {
    boolean single = call.arguments().get("states") instanceof Nested.Leaf<KerasTensor>;
    Nested<KerasTensor> after =
        single ? Nested.leaf(KerasTensor.of(states[0])) : OperationCall.outputs(List.of(states));
    return new Nested.Items<>(List.of(OperationCall.output(output), after));
  }

  /** The inputs of the products, with what training drops of them. */
  private static List<Value> inputs(OperationCall call) {
    return CellDropout.dropped(call, CellDropout.INPUT_MASKS, call.input());
  }

  private static List<Value> recurrent(OperationCall call, Value state) {
    return CellDropout.dropped(call, CellDropout.RECURRENT_MASKS, state);
  }

  /** A product with the kernels of all gates, each of inputs of its own where they differ. */
  private static Value product(GraphBuilder g, List<Value> inputs, Value kernel) {
    if (inputs.size() == 1) {
      return g.matMul(inputs.getFirst(), kernel);
    }
    List<Value> kernels = g.split(kernel, -1, inputs.size());
    List<Value> products = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      products.add(g.matMul(inputs.get(i), kernels.get(i)));
    }
    return g.concat(-1, products);
  }

  /** https://keras.io/api/layers/recurrent_layers/simple_rnn_cell/ */
  private static Nested<KerasTensor> simple(OperationCall call) {
    GraphBuilder g = call.graph();
    long units = call.config().integer("units");
    Value kernel = call.weight("kernel", call.input().shape().size(-1), units);
    Value recurrentKernel = call.weight("recurrent_kernel", units, units);
    Value h = product(g, inputs(call), kernel);
    if (call.config().bool("use_bias", true)) {
      h = g.add(h, call.weight("bias", units));
    }
    h = g.add(h, product(g, recurrent(call, states(call).getFirst()), recurrentKernel));
    Value output = call.activate("activation", h);
    return result(call, output, output);
  }

  /** https://keras.io/api/layers/recurrent_layers/lstm_cell/ */
  private static Nested<KerasTensor> lstm(OperationCall call) {
    GraphBuilder g = call.graph();
    long units = call.config().integer("units");
    Value kernel = call.weight("kernel", call.input().shape().size(-1), 4 * units);
    Value recurrentKernel = call.weight("recurrent_kernel", units, 4 * units);
    List<Value> before = states(call);
    Value z = product(g, inputs(call), kernel);
    z = g.add(z, product(g, recurrent(call, before.get(0)), recurrentKernel));
    if (call.config().bool("use_bias", true)) {
      z = g.add(z, call.weight("bias", 4 * units));
    }
    List<Value> gates = g.split(z, -1, 4);
    Value input = call.activate("recurrent_activation", gates.get(0));
    Value forget = call.activate("recurrent_activation", gates.get(1));
    Value candidate = call.activate("activation", gates.get(2));
    Value carry = g.add(g.mul(forget, before.get(1)), g.mul(input, candidate));
    Value exposed = call.activate("recurrent_activation", gates.get(3));
    Value output = g.mul(exposed, call.activate("activation", carry));
    return result(call, output, output, carry);
  }

  /** https://keras.io/api/layers/recurrent_layers/gru_cell/ */
  private static Nested<KerasTensor> gru(OperationCall call) {
    GraphBuilder g = call.graph();
    long units = call.config().integer("units");
    boolean resetAfter = call.config().bool("reset_after", true);
    Value kernel = call.weight("kernel", call.input().shape().size(-1), 3 * units);
    Value recurrentKernel = call.weight("recurrent_kernel", units, 3 * units);
    @Nullable Value inputBias = null;
    @Nullable Value recurrentBias = null;
    if (call.config().bool("use_bias", true)) {
      Value bias = resetAfter ? call.weight("bias", 2, 3 * units) : call.weight("bias", 3 * units);
      inputBias = resetAfter ? g.take(bias, 0, 0) : bias;
      recurrentBias = resetAfter ? g.take(bias, 0, 1) : null;
    }
    Value h = states(call).getFirst();
    List<Value> fromInput = g.split(plus(g, product(g, inputs(call), kernel), inputBias), -1, 3);
    List<Value> kernels = resetAfter ? List.of() : g.split(recurrentKernel, -1, 2 * units, units);
    List<Value> dropped = recurrent(call, h);
    List<Value> ofGates = dropped.size() == 1 ? dropped : dropped.subList(0, 2);
    Value inner =
        resetAfter
            ? plus(g, product(g, dropped, recurrentKernel), recurrentBias)
            : product(g, ofGates, kernels.getFirst());
    List<Value> fromState = g.split(inner, -1, resetAfter ? 3 : 2);
    Value update = call.activate("recurrent_activation", g.add(fromInput.get(0), fromState.get(0)));
    Value reset = call.activate("recurrent_activation", g.add(fromInput.get(1), fromState.get(1)));
    Value recalled =
        resetAfter
            ? g.mul(reset, fromState.get(2))
            : g.matMul(g.mul(reset, dropped.getLast()), kernels.getLast());
    Value candidate = call.activate("activation", g.add(fromInput.get(2), recalled));
    Value output = g.add(g.mul(update, h), g.mul(g.sub(1, update), candidate));
    return result(call, output, output);
  }

  private static Value plus(GraphBuilder g, Value x, @Nullable Value bias) {
    return bias == null ? x : g.add(x, bias);
  }

  /** https://keras.io/api/layers/recurrent_layers/stacked_rnn_cell/ */
  private static Nested<KerasTensor> stacked(OperationCall call) {
    List<SerializedObject> cells = call.config().serializedList("cells");
    List<VariableScope> scopes = call.variables().children("cells", cells);
    List<KerasTensor> before = call.arguments().tensors("states");
    List<Nested<KerasTensor>> after = new ArrayList<>();
    Nested<KerasTensor> flowing = call.arguments().get("inputs");
    int taken = 0;
    for (int i = 0; i < cells.size(); i++) {
      int count = stateSizes(cells.get(i)).size();
      Nested<KerasTensor> own = Nested.items(before.subList(taken, taken + count));
      taken += count;
      List<KerasTensor> results =
          call.call(cells.get(i), scopes.get(i), List.of(flowing, own), Map.of()).leaves();
      flowing = Nested.leaf(results.getFirst());
      after.add(Nested.items(results.subList(1, results.size())));
    }
    return new Nested.Items<>(List.of(flowing, new Nested.Items<>(after)));
  }
}
