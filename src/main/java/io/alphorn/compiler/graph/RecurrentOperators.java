package io.alphorn.compiler.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** ONNX's recurrent networks, which run a whole sequence in one operator. */
public interface RecurrentOperators extends Emitter {
  /** LSTM, GRU or RNN: they share their inputs but for the states. */
  enum Recurrent {
    LSTM(2),
    GRU(1),
    RNN(1);

    private final int states;

    Recurrent(int states) {
      this.states = states;
    }
  }

  /**
   * What a recurrent operator runs on, time first and with one direction.
   *
   * @param sequence [T, B, input]
   * @param kernel [1, gates * units, input]
   * @param recurrentKernel [1, gates * units, units]
   * @param bias [1, 2 * gates * units], or NONE
   * @param lengths of the sequences, int32 [B], or NONE
   * @param initialStates [1, B, units] each; empty for zeros
   */
  record RecurrentInputs(
      Value sequence,
      Value kernel,
      Value recurrentKernel,
      Value bias,
      Value lengths,
      List<Value> initialStates) {}

  /**
   * Adds a recurrent operator.
   *
   * @return the outputs [T, 1, B, units], then the last states, each [1, B, units]
   */
  default List<Value> recurrent(
      Recurrent operator, Map<String, Attribute> attributes, RecurrentInputs from) {
    Value x = from.sequence();
    Dim units = from.recurrentKernel().dim(-1);
    Shape state = Shape.of(Dim.of(1), x.dim(1), units);
    List<Type> outputs = new ArrayList<>();
    outputs.add(new Type(x.dtype(), state.insert(0, x.dim(0))));
    for (int i = 0; i < operator.states; i++) {
      outputs.add(new Type(x.dtype(), state));
    }
    List<Value> inputs =
        new ArrayList<>(
            List.of(x, from.kernel(), from.recurrentKernel(), from.bias(), from.lengths()));
    inputs.addAll(from.initialStates());
    while (!inputs.getLast().isPresent()) {
      inputs.removeLast();
    }
    Map<String, Attribute> all = new TreeMap<>(attributes);
    all.put("hidden_size", Attribute.of(units.size()));
    return emit(operator.name(), all, inputs, outputs);
  }
}
