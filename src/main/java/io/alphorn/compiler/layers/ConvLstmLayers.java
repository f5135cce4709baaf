package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * ConvLSTM1D, 2D and 3D: https://keras.io/api/layers/recurrent_layers/. The products of the inputs
 * are one convolution over all steps; the steps themselves run in a Scan, channels first.
 */
public final class ConvLstmLayers {
  private static final int GATES = 4;

  private final OperationCall call;
  private final GraphBuilder g;
  private final Config config;
  private final int rank;
  private final long filters;
  private final List<Long> size;

  private ConvLstmLayers(OperationCall call, int rank) {
    this.call = call;
    this.g = call.graph();
    this.config = call.config();
    this.rank = rank;
    this.filters = config.integer("filters");
    this.size = config.integers("kernel_size", rank, 1);
  }

  public static void register(LoweringRegistry registry) {
    for (int spatial = 1; spatial <= 3; spatial++) {
      int rank = spatial;
      registry.add(
          Lowering.layer("ConvLSTM" + rank + "D", call -> new ConvLstmLayers(call, rank).lower())
              .arguments(
                  "filters",
                  "kernel_size",
                  "strides",
                  "padding",
                  "data_format",
                  "dilation_rate",
                  "activation",
                  "recurrent_activation",
                  "use_bias",
                  "unit_forget_bias",
                  "dropout",
                  "recurrent_dropout",
                  "return_sequences",
                  "return_state",
                  "go_backwards",
                  "stateful",
                  "unroll",
                  "zero_output_for_mask")
              .parameters("sequences", "initial_state", "mask", "training")
              .masking(Masking.OWN)
              .notes(RecurrentLayers.STATEFUL_NOTE));
    }
  }

  private Nested<KerasTensor> lower() {
    VariableScope scope = call.variables().child("cell").called("conv_lstm_cell");
    ChannelLayout layout = ChannelLayout.of(call);
    RecurrenceSettings settings = RecurrenceSettings.of(config);
    CellDropout inTraining = CellDropout.gated(config, GATES, true);
    CellDropout dropout = !inTraining.isNone() && call.training() ? inTraining : CellDropout.NONE;
    Value fromInputs = convolveInputs(scope, layout, dropout);
    Value recurrentKernel = kernel(scope, "recurrent_kernel", filters);
    Value bias =
        config.bool("use_bias", true)
            ? g.cast(scope.trainable("bias", GATES * filters), call.computeType())
            : Value.NONE;
    if (bias.isPresent()) {
      fromInputs = g.add(fromInputs, Recurrence.align(g, bias, rank + 1));
    }
    Shape state = fromInputs.shape().without(1).with(1, filters);
    Value zeros = g.fill(state, call.computeType(), 0);
    List<Value> states =
        call.arguments().tensors("initial_state").stream()
            .map(tensor -> layout.toFirst(g, tensor.value()))
            .toList();
    List<Value> masks = dropout.recurrentMasks(g, state, call.computeType());
    List<Value> kernels =
        masks.isEmpty() ? List.of(recurrentKernel) : g.split(recurrentKernel, 0, GATES);
    Recurrence.Result result =
        new Recurrence(
                g, settings, (body, gates, before) -> step(body, gates, before, kernels, masks))
            .run(fromInputs, call.mask(), states.isEmpty() ? List.of(zeros, zeros) : states, zeros);
    return RecurrentLayers.assemble(call, settings, inLayout(result, layout));
  }

  private Recurrence.Result inLayout(Recurrence.Result result, ChannelLayout layout) {
    Value sequence = result.sequence();
    return new Recurrence.Result(
        layout.fromFirst(g, result.last()),
        layout == ChannelLayout.LAST ? g.moveAxis(sequence, 2, -1) : sequence,
        result.states().stream().map(value -> layout.fromFirst(g, value)).toList());
  }

  /** The inputs of all steps, convolved: [B, T, 4 * filters, …]. */
  private Value convolveInputs(VariableScope scope, ChannelLayout layout, CellDropout dropout) {
    Value x = g.cast(call.input(), call.computeType());
    Value steps = layout.toFirst(g, g.mergeAxes(x, 0));
    Value kernel = kernel(scope, "kernel", steps.shape().size(1));
    List<Long> strides = config.integers("strides", rank, 1);
    List<Long> dilations = config.integers("dilation_rate", rank, 1);
    List<Dim> spatial = steps.shape().dims().subList(2, 2 + rank);
    Window window =
        switch (config.string("padding", "valid")) {
          case "valid" -> Window.valid(size, strides, dilations);
          case "same" -> Window.same(size, strides, dilations, spatial);
          default -> throw config.unsupported("padding");
        };
    Value sequence = g.splitAxis(steps, 0, x.dim(0), x.dim(1));
    List<Value> dropped =
        dropout.inputMasks(g, sequence.shape().without(1), x.dtype()).stream()
            .map(mask -> g.mergeAxes(g.mul(sequence, g.unsqueeze(mask, 1)), 0))
            .toList();
    Value convolved =
        dropped.isEmpty()
            ? g.conv(steps, kernel, Value.NONE, window, 1)
            : convolved(g, dropped, g.split(kernel, 0, GATES), window);
    return g.splitAxis(convolved, 0, x.dim(0), x.dim(1));
  }

  /** Each input with the kernel of its gate. */
  private static Value convolved(
      GraphBuilder g, List<Value> inputs, List<Value> kernels, Window window) {
    List<Value> gates = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      gates.add(g.conv(inputs.get(i), kernels.get(i), Value.NONE, window, 1));
    }
    return g.concat(1, gates);
  }

  /** [sizes…, in, 4 * filters] as ONNX's [4 * filters, in, sizes…]. */
  private Value kernel(VariableScope scope, String name, long inputs) {
    long[] shape =
        LongStream.concat(
                size.stream().mapToLong(Long::longValue), LongStream.of(inputs, GATES * filters))
            .toArray();
    Value kernel = g.cast(scope.trainable(name, shape), call.computeType());
    return g.moveAxis(g.moveAxis(kernel, -1, 0), -1, 1);
  }

  private List<Value> step(
      GraphBuilder body,
      Value fromInputs,
      List<Value> before,
      List<Value> kernels,
      List<Value> masks) {
    Value h = before.get(0);
    List<Long> ones = Collections.nCopies(rank, 1L);
    Window window = Window.same(size, ones, ones, h.shape().dims().subList(2, 2 + rank));
    List<Value> dropped =
        masks.isEmpty() ? List.of(h) : masks.stream().map(mask -> body.mul(h, mask)).toList();
    Value fromState = convolved(body, dropped, kernels, window);
    List<Value> gates = body.split(body.add(fromInputs, fromState), 1, GATES);
    return call.within(
        body,
        () -> {
          Value input = call.activate("recurrent_activation", gates.get(0));
          Value forget = call.activate("recurrent_activation", gates.get(1));
          Value candidate = call.activate("activation", gates.get(2));
          Value carry = body.add(body.mul(forget, before.get(1)), body.mul(input, candidate));
          Value exposed = call.activate("recurrent_activation", gates.get(3));
          Value output = body.mul(exposed, call.activate("activation", carry));
          return List.of(output, output, carry);
        });
  }
}
