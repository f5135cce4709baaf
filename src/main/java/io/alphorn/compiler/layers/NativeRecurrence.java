package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.RecurrentOperators.Recurrent;
import io.alphorn.compiler.graph.RecurrentOperators.RecurrentInputs;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs Keras's own cells by ONNX's LSTM, GRU and RNN operators. A mask of any form is met by moving
 * the steps that count to the front, running sequences of that many steps, and spreading the
 * outputs out again.
 */
final class NativeRecurrence {
  /** An activation as ONNX's recurrent operators name it, with its parameters. */
  private record Activation(String name, List<Double> alpha, List<Double> beta) {
    Activation(String name) {
      this(name, List.of(), List.of());
    }
  }

  private static final Activation LINEAR = new Activation("Affine", List.of(1.0), List.of(0.0));

  /** Keras's activations that ONNX Runtime's recurrent kernels compute. */
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "tanh", new Activation("Tanh"),
          "sigmoid", new Activation("Sigmoid"),
          "relu", new Activation("Relu"),
          "softsign", new Activation("Softsign"),
          "softplus", new Activation("Softplus"),
          "elu", new Activation("Elu", List.of(1.0), List.of()),
          "leaky_relu", new Activation("LeakyRelu", List.of(0.2), List.of()),
          "linear", LINEAR,
          "hard_sigmoid", new Activation("HardSigmoid", List.of(1.0 / 6), List.of(0.5)));

  private final GraphBuilder g;
  private final SerializedObject cell;
  private final VariableScope scope;
  private final DType dtype;
  private final long units;

  NativeRecurrence(GraphBuilder g, SerializedObject cell, VariableScope scope, DType dtype) {
    this.g = g;
    this.cell = cell;
    this.scope = scope;
    this.dtype = dtype;
    this.units = cell.config().integer("units");
  }

  /** Whether ONNX Runtime has kernels that compute this cell as Keras does. */
  static boolean fits(SerializedObject cell, DType dtype) {
    // The runtime lists float64 kernels for LSTM, but they fail: "does not support double yet".
    boolean known =
        cell.isBuiltIn()
            && List.of("SimpleRNNCell", "LSTMCell", "GRUCell").contains(cell.className());
    return known
        && dtype != DType.FLOAT64
        && activations(cell).stream().allMatch(Optional::isPresent);
  }

  /** The cell's activations in the order in which ONNX's operator wants them. */
  private static List<Optional<Activation>> activations(SerializedObject cell) {
    Optional<Activation> activation = activation(cell.config(), "activation");
    if (cell.className().equals("SimpleRNNCell")) {
      return List.of(activation);
    }
    Optional<Activation> gates = activation(cell.config(), "recurrent_activation");
    return cell.className().equals("LSTMCell")
        ? List.of(gates, activation, activation)
        : List.of(gates, activation);
  }

  private static Optional<Activation> activation(Config config, String argument) {
    JsonNode given = config.json().path(argument);
    if (given.isNull() || given.isMissingNode()) {
      return Optional.of(LINEAR);
    }
    boolean named = given.isTextual();
    boolean ownFunction =
        given.path("class_name").asText().equals("function")
            && !given.path("registered_name").asText().contains(">");
    String name = named ? given.asText() : ownFunction ? given.path("config").asText() : "";
    return Optional.ofNullable(ACTIVATIONS.get(name));
  }

  /**
   * Runs the cell over a sequence in the order of its steps.
   *
   * @param sequence [B, T, features]
   * @param mask boolean [B, T], or null
   * @param states [B, units] each; empty for zeros
   */
  Recurrence.Result run(
      Value sequence, @Nullable Value mask, List<Value> states, boolean zeroOutputForMask) {
    if (mask == null) {
      List<Value> results = recur(sequence, Value.NONE, states);
      List<Value> after = results.subList(1, results.size());
      return new Recurrence.Result(after.getFirst(), results.getFirst(), after);
    }
    return runMasked(sequence, mask, states, zeroOutputForMask);
  }

  private Recurrence.Result runMasked(
      Value sequence, Value mask, List<Value> states, boolean zeroOutputForMask) {
    Value counted = g.cast(mask, DType.INT64);
    Value seen = g.cumulativeSum(counted, 1);
    Value count = g.take(seen, 1, -1);
    Value lengths = g.cast(g.max(count, g.scalar(DType.INT64, 1)), DType.INT32);
    List<Value> results = recur(gatherSteps(sequence, countedFirst(counted)), lengths, states);

    Value any = g.unsqueeze(g.greater(count, g.scalar(DType.INT64, 0)), 1);
    Value zero = g.scalar(dtype, 0);
    List<Value> after = new ArrayList<>();
    for (int i = 1; i < results.size(); i++) {
      after.add(g.where(any, results.get(i), states.isEmpty() ? zero : states.get(i - 1)));
    }
    Value latest = g.max(g.sub(seen, 1), g.scalar(DType.INT64, 0));
    Value outputs = gatherSteps(results.getFirst(), latest);
    Value shown =
        zeroOutputForMask ? g.cast(mask, DType.BOOL) : g.greater(seen, g.scalar(DType.INT64, 0));
    Value shownLast = g.unsqueeze(g.take(shown, 1, -1), 1);
    return new Recurrence.Result(
        g.where(shownLast, results.get(1), zero),
        g.where(g.unsqueeze(shown, -1), outputs, zero),
        after);
  }

  /** Indices [B, T] that put the steps that count first, in their order. */
  private Value countedFirst(Value counted) {
    Value steps = g.range(counted.dim(1), DType.INT64);
    Value total = g.squeeze(g.sizeOf(counted.dim(1)), 0);
    Value places = g.add(steps, g.mul(g.sub(1, counted), total));
    return g.sort(places, 1, false).getLast();
  }

  /** Elements of [B, T, features] by indices [B, T]. */
  private Value gatherSteps(Value x, Value indices) {
    return g.gatherNd(x, g.unsqueeze(indices, -1), 1);
  }

  /** The outputs [B, T, units], then the last states [B, units]. */
  private List<Value> recur(Value sequence, Value lengths, List<Value> states) {
    List<Value> initial = states.stream().map(state -> g.unsqueeze(state, 0)).toList();
    Value steps = g.transpose(sequence, 1, 0, 2);
    RecurrentInputs inputs =
        switch (cell.className()) {
          case "LSTMCell" -> lstm(steps, lengths, initial);
          case "GRUCell" -> gru(steps, lengths, initial);
          default -> simple(steps, lengths, initial);
        };
    List<Value> results = g.recurrent(operator(), attributes(), inputs);
    List<Value> outputs = new ArrayList<>();
    outputs.add(g.transpose(g.squeeze(results.getFirst(), 1), 1, 0, 2));
    results.subList(1, results.size()).forEach(state -> outputs.add(g.squeeze(state, 0)));
    return outputs;
  }

  private Recurrent operator() {
    return switch (cell.className()) {
      case "LSTMCell" -> Recurrent.LSTM;
      case "GRUCell" -> Recurrent.GRU;
      default -> Recurrent.RNN;
    };
  }

  private Map<String, Attribute> attributes() {
    List<Activation> activations = activations(cell).stream().map(Optional::orElseThrow).toList();
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put(
        "activations", Attribute.ofTexts(activations.stream().map(Activation::name).toList()));
    List<Double> alphas = activations.stream().flatMap(a -> a.alpha().stream()).toList();
    List<Double> betas = activations.stream().flatMap(a -> a.beta().stream()).toList();
    if (!alphas.isEmpty()) {
      attributes.put("activation_alpha", Attribute.ofReals(alphas));
    }
    if (!betas.isEmpty()) {
      attributes.put("activation_beta", Attribute.ofReals(betas));
    }
    if (cell.className().equals("GRUCell")) {
      attributes.put("linear_before_reset", Attribute.of(resetAfter() ? 1 : 0));
    }
    return attributes;
  }

  private boolean resetAfter() {
    return cell.config().bool("reset_after", true);
  }

  private boolean useBias() {
    return cell.config().bool("use_bias", true);
  }

  private Value weight(String name, long... shape) {
    return g.cast(scope.trainable(name, shape), dtype);
  }

  private RecurrentInputs simple(Value steps, Value lengths, List<Value> initial) {
    Value kernel = weight("kernel", steps.shape().size(-1), units);
    Value recurrentKernel = weight("recurrent_kernel", units, units);
    Value bias = useBias() ? recurrentLess(weight("bias", units), 1) : Value.NONE;
    return inputs(steps, kernel, recurrentKernel, bias, lengths, initial);
  }

  private RecurrentInputs gru(Value steps, Value lengths, List<Value> initial) {
    Value kernel = weight("kernel", steps.shape().size(-1), 3 * units);
    Value recurrentKernel = weight("recurrent_kernel", units, 3 * units);
    Value bias = Value.NONE;
    if (useBias()) {
      bias =
          resetAfter()
              ? g.reshape(weight("bias", 2, 3 * units), 1, 6 * units)
              : recurrentLess(weight("bias", 3 * units), 3);
    }
    return inputs(steps, kernel, recurrentKernel, bias, lengths, initial);
  }

  private RecurrentInputs lstm(Value steps, Value lengths, List<Value> initial) {
    Value kernel = iofc(weight("kernel", steps.shape().size(-1), 4 * units));
    Value recurrentKernel = iofc(weight("recurrent_kernel", units, 4 * units));
    Value bias = useBias() ? recurrentLess(iofc(weight("bias", 4 * units)), 4) : Value.NONE;
    return inputs(steps, kernel, recurrentKernel, bias, lengths, initial);
  }

  /** From Keras's order of gates, input, forget, cell, output, to ONNX's. */
  private Value iofc(Value weights) {
    List<Value> gates = g.split(weights, -1, 4);
    return g.concat(-1, gates.get(0), gates.get(3), gates.get(1), gates.get(2));
  }

  /** ONNX adds a second bias, for the recurrent product; Keras's cells have one. */
  private Value recurrentLess(Value bias, int gates) {
    long size = gates * units;
    Value zeros = g.constant(Tensor.of(dtype, new long[] {size}, Tensor.allocate(dtype, size)));
    return g.unsqueeze(g.concat(0, bias, zeros), 0);
  }

  private RecurrentInputs inputs(
      Value steps,
      Value kernel,
      Value recurrentKernel,
      Value bias,
      Value lengths,
      List<Value> initial) {
    return new RecurrentInputs(steps, onnx(kernel), onnx(recurrentKernel), bias, lengths, initial);
  }

  /** [features, gates] as [1, gates, features]. */
  private Value onnx(Value kernel) {
    return g.unsqueeze(g.transpose(kernel, 1, 0), 0);
  }
}
