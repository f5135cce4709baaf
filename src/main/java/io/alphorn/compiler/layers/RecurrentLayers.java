package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.DTypePolicy;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** RNN over any cell, and SimpleRNN, LSTM and GRU, which are RNN over a cell of their own. */
public final class RecurrentLayers {
  private static final String[] RNN_ARGUMENTS = {
    "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask"
  };

  static final String STATEFUL_NOTE = "a stateful layer starts from zeros in each request";

  private RecurrentLayers() {}

  public static void register(LoweringRegistry registry) {
    RecurrentCells.register(registry);
    TestModuleCells.register(registry);
    registry.addAll(
        layer("RNN", RecurrentLayers::rnn, "cell"),
        ownCell("SimpleRNN", "SimpleRNNCell", "simple_rnn_cell", RecurrentCells.SIMPLE_ARGUMENTS),
        ownCell("LSTM", "LSTMCell", "lstm_cell", RecurrentCells.LSTM_ARGUMENTS),
        ownCell("GRU", "GRUCell", "gru_cell", RecurrentCells.GRU_ARGUMENTS));
  }

  private static Lowering layer(String className, Lowering.Function function, String... arguments) {
    return Lowering.layer(className, function)
        .arguments(
            Stream.concat(Stream.of(RNN_ARGUMENTS), Stream.of(arguments)).toArray(String[]::new))
        .parameters("sequences", "initial_state", "mask", "training")
        .masking(Masking.OWN)
        .notes(STATEFUL_NOTE);
  }

  /** https://keras.io/api/layers/recurrent_layers/rnn/ */
  private static Nested<KerasTensor> rnn(OperationCall call) {
    return run(call, call.config().serialized("cell"));
  }

  /** A layer whose config is that of its cell too. */
  private static Lowering ownCell(
      String className, String cellClass, String cellName, String... arguments) {
    Set<String> ofCell = new HashSet<>(List.of(arguments));
    ofCell.add("dtype");
    return layer(
        className,
        call -> {
          ObjectNode config =
              ((ObjectNode) call.config().json()).deepCopy().retain(ofCell).put("name", cellName);
          Config cell = Config.of(config, call.config().place());
          return run(call, new SerializedObject("keras.layers", cellClass, cell, null, null));
        },
        arguments);
  }

  private static Nested<KerasTensor> run(OperationCall call, SerializedObject cell) {
    RecurrenceSettings settings = RecurrenceSettings.of(call.config());
    VariableScope scope = call.variables().child("cell").called(cell.name());
    List<Chain> chain = chain(cell, scope);
    boolean drops = chain.stream().anyMatch(Chain::canDrop) && call.training();
    boolean fits = chain.stream().allMatch(Chain::isNative);
    Recurrence.Result result =
        drops || fits
            ? runChain(call, chain, settings, drops)
            : runLoop(call, cell, scope, settings);
    return assemble(call, settings, result);
  }

  /** Shapes what a run gave into what the layer returns, with its masks. */
  static Nested<KerasTensor> assemble(
      OperationCall call, RecurrenceSettings settings, Recurrence.Result result) {
    GraphBuilder g = call.graph();
    DType dtype = call.computeType();
    @Nullable Value mask = settings.returnSequences() ? call.carriedMask() : null;
    Value output = settings.returnSequences() ? result.sequence() : result.last();
    List<KerasTensor> outputs = new ArrayList<>();
    outputs.add(new KerasTensor(g.cast(output, dtype), mask));
    if (!settings.returnState()) {
      return Nested.leaf(outputs.getFirst());
    }
    result.states().forEach(state -> outputs.add(KerasTensor.of(g.cast(state, dtype))));
    return Nested.items(outputs);
  }

  /** One of the cells that run one after the other at each step. */
  private record Chain(SerializedObject cell, VariableScope scope, DType dtype) {
    boolean canDrop() {
      return !CellDropout.of(cell).isNone();
    }

    boolean isNative() {
      return NativeRecurrence.fits(cell, dtype);
    }
  }

  private static List<Chain> chain(SerializedObject cell, VariableScope scope) {
    if (!cell.className().equals("StackedRNNCells")) {
      DType dtype = DTypePolicy.of(cell.config(), scope.layerPath()).compute();
      return List.of(new Chain(cell, scope, dtype));
    }
    List<SerializedObject> cells = cell.config().serializedList("cells");
    List<VariableScope> scopes = scope.children("cells", cells);
    List<Chain> chain = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      chain.addAll(chain(cells.get(i), scopes.get(i)));
    }
    return chain;
  }

  /** Stacked cells run layer by layer: at each step that counts they see what they would see. */
  private static Recurrence.Result runChain(
      OperationCall call, List<Chain> chain, RecurrenceSettings settings, boolean drops) {
    GraphBuilder g = call.graph();
    Value flowing = inOrder(g, call.input(), settings);
    @Nullable Value mask = call.mask();
    @Nullable Value ordered = mask == null ? null : inOrder(g, mask, settings);
    List<Value> given = initialStates(call);
    List<Value> states = new ArrayList<>();
    Recurrence.Result result = null;
    for (Chain link : chain) {
      int taken = states.size();
      int count = RecurrentCells.stateSizes(link.cell).size();
      List<Value> initial =
          given.isEmpty()
              ? List.of()
              : given.subList(taken, taken + count).stream()
                  .map(state -> g.cast(state, link.dtype))
                  .toList();
      Value sequence = g.cast(flowing, link.dtype);
      result =
          drops
              ? runDropping(call, link, settings, sequence, ordered, initial)
              : runNative(g, link, settings, sequence, ordered, initial);
      flowing = result.sequence();
      states.addAll(result.states());
    }
    return new Recurrence.Result(Objects.requireNonNull(result).last(), flowing, states);
  }

  private static Recurrence.Result runNative(
      GraphBuilder g,
      Chain link,
      RecurrenceSettings settings,
      Value sequence,
      @Nullable Value mask,
      List<Value> initial) {
    return new NativeRecurrence(g, link.cell, link.scope, link.dtype)
        .run(sequence, mask, initial, settings.zeroOutputForMask());
  }

  /** One cell in training. What is dropped is drawn once, and is the same at each step. */
  private static Recurrence.Result runDropping(
      OperationCall call,
      Chain link,
      RecurrenceSettings settings,
      Value sequence,
      @Nullable Value mask,
      List<Value> initial) {
    GraphBuilder g = call.graph();
    CellDropout dropout = CellDropout.of(link.cell);
    Shape step = sequence.shape().without(1);
    if (dropout.isOfWholeInputs() && link.isNative()) {
      Value dropped =
          dropout.inputMasks(g, step, link.dtype).stream()
              .reduce(sequence, (x, factors) -> g.mul(x, g.unsqueeze(factors, 1)));
      return runNative(g, link, settings, dropped, mask, initial);
    }
    List<Value> states = new ArrayList<>(initial);
    if (initial.isEmpty()) {
      for (long size : RecurrentCells.stateSizes(link.cell)) {
        states.add(Recurrence.zeros(g, sequence.dim(0), link.dtype, size));
      }
    }
    Map<String, Nested<KerasTensor>> masks =
        dropout.asArguments(g, step, states.getFirst().shape(), link.dtype);
    long size = RecurrentCells.outputSize(link.cell);
    Value output = Recurrence.zeros(g, sequence.dim(0), link.dtype, size);
    return new Recurrence(
            g,
            settings.forwards(),
            (body, x, before) -> step(call, link.cell, link.scope, body, x, before, masks))
        .run(sequence, mask, states, output);
  }

  private static Value inOrder(GraphBuilder g, Value sequence, RecurrenceSettings settings) {
    return settings.goBackwards() ? g.reverse(sequence, 1) : sequence;
  }

  private static List<Value> initialStates(OperationCall call) {
    return call.arguments().tensors("initial_state").stream().map(KerasTensor::value).toList();
  }

  private static Recurrence.Result runLoop(
      OperationCall call, SerializedObject cell, VariableScope scope, RecurrenceSettings settings) {
    GraphBuilder g = call.graph();
    Value sequence = call.input();
    DType dtype = DTypePolicy.of(cell.config(), scope.layerPath()).compute();
    List<Value> given = initialStates(call);
    List<Value> states = new ArrayList<>();
    if (given.isEmpty()) {
      for (long size : RecurrentCells.stateSizes(cell)) {
        states.add(Recurrence.zeros(g, sequence.dim(0), dtype, size));
      }
    } else {
      given.forEach(state -> states.add(g.cast(state, dtype)));
    }
    Value output = Recurrence.zeros(g, sequence.dim(0), dtype, RecurrentCells.outputSize(cell));
    return new Recurrence(
            g, settings, (body, x, before) -> step(call, cell, scope, body, x, before, Map.of()))
        .run(sequence, call.mask(), states, output);
  }

  private static List<Value> step(
      OperationCall call,
      SerializedObject cell,
      VariableScope scope,
      GraphBuilder body,
      Value x,
      List<Value> states,
      Map<String, Nested<KerasTensor>> masks) {
    List<Nested<KerasTensor>> arguments =
        List.of(OperationCall.output(x), OperationCall.outputs(states));
    return call.within(body, () -> call.call(cell, scope, arguments, masks)).leaves().stream()
        .map(KerasTensor::value)
        .toList();
  }
}
