package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What {@code keras.src.layers.rnn.dropout_rnn_cell} does to a recurrent cell in training: it drops
 * elements of the inputs and of the state before their products. The masks are drawn once for a
 * sequence.
 *
 * @param inputs the rate for inputs
 * @param recurrent the rate for the state
 * @param gates how many masks there are for each: one for all gates, or one for each gate
 */
record CellDropout(double inputs, double recurrent, int gates, OptionalLong seed) {
  /** The parameters of cells that hand masks on; Keras keeps them in the cell. */
  static final String INPUT_MASKS = "_input_masks";

  static final String RECURRENT_MASKS = "_recurrent_masks";

  static final CellDropout NONE = new CellDropout(0, 0, 1, OptionalLong.empty());

  static CellDropout of(SerializedObject cell) {
    Config config = cell.config();
    return switch (cell.className()) {
      case "SimpleRNNCell" ->
          new CellDropout(
              rate(config, "dropout"), rate(config, "recurrent_dropout"), 1, seed(config));
      case "LSTMCell" -> gated(config, 4, separatesGates(config));
      case "GRUCell" -> gated(config, 3, separatesGates(config));
      default -> NONE;
    };
  }

  /** Of a cell with gates, which Keras does not drop from at a rate of 1. */
  static CellDropout gated(Config config, int gates, boolean separate) {
    double inputs = rate(config, "dropout");
    double recurrent = rate(config, "recurrent_dropout");
    return new CellDropout(
        inputs < 1 ? inputs : 0, recurrent < 1 ? recurrent : 0, separate ? gates : 1, seed(config));
  }

  private static boolean separatesGates(Config config) {
    return rate(config, "recurrent_dropout") > 0 || config.integer("implementation", 2) == 1;
  }

  private static double rate(Config config, String argument) {
    return Math.clamp(config.real(argument, 0), 0, 1);
  }

  private static OptionalLong seed(Config config) {
    return config.has("seed") ? OptionalLong.of(config.integer("seed")) : OptionalLong.empty();
  }

  boolean isNone() {
    return inputs == 0 && recurrent == 0;
  }

  /** Whether all there is to do can be done to the sequence before the cell runs. */
  boolean isOfWholeInputs() {
    return recurrent == 0 && gates == 1;
  }

  /** Factors for the inputs of a step; none when nothing is dropped of them. */
  List<Value> inputMasks(GraphBuilder g, Shape shape, DType dtype) {
    return masks(g, inputs, 0, shape, dtype);
  }

  List<Value> recurrentMasks(GraphBuilder g, Shape shape, DType dtype) {
    return masks(g, recurrent, gates, shape, dtype);
  }

  /** Masks that differ, though they are drawn with the seed of one cell. */
  private List<Value> masks(GraphBuilder g, double rate, int first, Shape shape, DType dtype) {
    List<Value> masks = new ArrayList<>();
    for (int i = 0; rate > 0 && i < gates; i++) {
      masks.add(new Dropout(rate, seedOf(first + i)).mask(g, shape, dtype));
    }
    return masks;
  }

  private OptionalLong seedOf(int draw) {
    return seed.isPresent() ? OptionalLong.of(seed.getAsLong() + draw) : seed;
  }

  /** Masks as arguments for the cell's call at each step. */
  Map<String, Nested<KerasTensor>> asArguments(
      GraphBuilder g, Shape step, Shape state, DType dtype) {
    Map<String, Nested<KerasTensor>> arguments = new LinkedHashMap<>();
    arguments.put(INPUT_MASKS, OperationCall.outputs(inputMasks(g, step, dtype)));
    arguments.put(RECURRENT_MASKS, OperationCall.outputs(recurrentMasks(g, state, dtype)));
    return arguments;
  }

  /** The inputs of a cell's products, one for all gates or one for each. */
  static List<Value> dropped(OperationCall call, String argument, Value x) {
    List<Value> masks =
        call.arguments().find(argument).isPresent()
            ? call.arguments().tensors(argument).stream().map(KerasTensor::value).toList()
            : drawn(call, argument, x);
    return masks.isEmpty()
        ? List.of(x)
        : masks.stream().map(mask -> call.graph().mul(x, mask)).toList();
  }

  /** The masks of a cell that is called by itself. */
  private static List<Value> drawn(OperationCall call, String argument, Value x) {
    CellDropout dropout = of(call.operation());
    if (dropout.isNone() || !call.training()) {
      return List.of();
    }
    return argument.equals(INPUT_MASKS)
        ? dropout.inputMasks(call.graph(), x.shape(), x.dtype())
        : dropout.recurrentMasks(call.graph(), x.shape(), x.dtype());
  }
}
