package io.alphorn.compiler;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.EndpointSpec;
import io.alphorn.endpoint.InputSpec;
import io.alphorn.endpoint.TrainingMode;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.TopologyReader;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Finds what endpoints name: the model, or a layer of it, called in the model or by itself. */
final class EndpointTargets {
  /** The whole model, as it was lowered first. */
  record Whole(
      SerializedObject model,
      VariableScope scope,
      Nested<KerasTensor> inputs,
      Nested<KerasTensor> outputs,
      CallLog calls) {}

  /** A layer or the model with its path and the arguments that it is called on. */
  private record Callee(
      String path, SerializedObject layer, VariableScope scope, CallArguments arguments) {}

  /** The arguments of a call. */
  private record CallArguments(
      List<Nested<KerasTensor>> positional, Map<String, Nested<KerasTensor>> keywords) {}

  private final LoweringRegistry registry;
  private final GraphBuilder graph;
  private final Whole whole;
  private final Map<TrainingMode, Whole> modes = new EnumMap<>(TrainingMode.class);
  private final BiFunction<CallLog, TrainingMode, ModelLowering> lowerings;

  EndpointTargets(
      LoweringRegistry registry,
      GraphBuilder graph,
      Whole whole,
      BiFunction<CallLog, TrainingMode, ModelLowering> lowerings) {
    this.registry = registry;
    this.graph = graph;
    this.whole = whole;
    this.lowerings = lowerings;
    modes.put(TrainingMode.INFERENCE, whole);
  }

  /** The target as the model calls it, where the endpoint can take it so. */
  Optional<EndpointTarget> shared(EndpointSpec spec) {
    if (spec.target().isEmpty()) {
      return sharedModel(spec);
    }
    return spec.training() == TrainingMode.INFERENCE ? sharedLayer(spec) : Optional.empty();
  }

  /**
   * The whole model on the same inputs; it shares what comes before the first layer that trains.
   */
  private Whole whole(TrainingMode mode) {
    Whole lowered = modes.get(mode);
    if (lowered == null) {
      CallLog calls = new CallLog();
      Nested<KerasTensor> outputs =
          lowerings
              .apply(calls, mode)
              .callModel(TopologyReader.read(whole.model()), whole.scope(), whole.inputs());
      lowered = new Whole(whole.model(), whole.scope(), whole.inputs(), outputs, calls);
      modes.put(mode, lowered);
    }
    return lowered;
  }

  private Optional<EndpointTarget> sharedModel(EndpointSpec spec) {
    List<EndpointTarget.Input> all =
        whole.inputs().leaves().stream()
            .map(KerasTensor::value)
            .distinct()
            .map(value -> input(value.name(), value))
            .toList();
    if (spec.inputs().isEmpty()) {
      return Optional.of(called(spec, all));
    }
    List<EndpointTarget.Input> chosen = new ArrayList<>();
    for (InputSpec wanted : spec.inputs()) {
      EndpointTarget.Input input = named(wanted, all);
      if (!fits(wanted, input.spec())) {
        return Optional.empty();
      }
      chosen.add(input);
    }
    return Optional.of(called(spec, chosen));
  }

  private EndpointTarget called(EndpointSpec spec, List<EndpointTarget.Input> inputs) {
    Whole lowered = whole(spec.training());
    return new EndpointTarget("", inputs, lowered.outputs(), lowered.calls());
  }

  private static EndpointTarget.Input input(String name, Value value) {
    return new EndpointTarget.Input(new TensorSpec(name, value.dtype(), value.shape()), value);
  }

  private static EndpointTarget.Input named(InputSpec wanted, List<EndpointTarget.Input> inputs) {
    return inputs.stream()
        .filter(input -> input.spec().name().equals(wanted.name()))
        .findFirst()
        .orElseThrow(
            () ->
                AlphornException.invalidArgument(
                    "%s: no input '%s'; known are %s",
                    wanted.place(),
                    wanted.name(),
                    inputs.stream().map(input -> input.spec().name()).toList()));
  }

  private static boolean fits(InputSpec wanted, TensorSpec has) {
    List<Long> sizes = has.shape().dims().stream().map(Dim::sizeOrUnknown).toList();
    return wanted.shape().map(sizes::equals).orElse(true)
        && wanted.dtype().map(dtype -> dtype == has.dtype()).orElse(true);
  }

  private Optional<EndpointTarget> sharedLayer(EndpointSpec spec) {
    List<CallLog.Entry> calls = calls(spec);
    CallLog.Entry call = calls.getFirst();
    List<Value> values = call.inputs().stream().map(KerasTensor::value).toList();
    boolean masked = call.inputs().stream().anyMatch(tensor -> tensor.mask() != null);
    boolean constant = values.stream().anyMatch(graph::isConstant);
    boolean once = calls.size() == 1 && new HashSet<>(values).size() == values.size();
    if (!spec.inputs().isEmpty() || masked || constant || !once || values.isEmpty()) {
      return Optional.empty();
    }
    List<TensorSpec> own = signature(callee(spec));
    List<EndpointTarget.Input> inputs = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      if (!sizes(own.get(i).shape()).equals(sizes(values.get(i).shape()))
          || own.get(i).dtype() != values.get(i).dtype()) {
        return Optional.empty();
      }
      inputs.add(input(own.get(i).name(), values.get(i)));
    }
    return Optional.of(
        new EndpointTarget(call.scope().layerPath(), inputs, call.outputs(), whole.calls()));
  }

  private static List<Long> sizes(Shape shape) {
    return shape.dims().stream().map(Dim::sizeOrUnknown).toList();
  }

  private List<CallLog.Entry> calls(EndpointSpec spec) {
    String target = spec.target().orElse("");
    List<CallLog.Entry> calls = whole.calls().find(target);
    if (calls.isEmpty()) {
      throw AlphornException.invalidArgument(
          "%s.target: the model calls no layer '%s'; known are %s",
          spec.place(), target, whole.calls().paths());
    }
    return calls;
  }

  private Callee callee(EndpointSpec spec) {
    if (spec.target().isEmpty()) {
      return new Callee(
          "",
          whole.model(),
          whole.scope(),
          new CallArguments(List.of(declared(whole.model())), Map.of()));
    }
    CallLog.Entry call = calls(spec).getFirst();
    CallArguments arguments =
        TopologyReader.isModel(call.layer())
            ? new CallArguments(List.of(declared(call.layer())), Map.of())
            : new CallArguments(call.positional(), call.keywords());
    return new Callee(call.scope().layerPath(), call.layer(), call.scope(), arguments);
  }

  /** A model's own inputs, declared in a graph that nobody builds: for their names and shapes. */
  private static Nested<KerasTensor> declared(SerializedObject model) {
    return ModelInputs.declare(TopologyReader.read(model), model, new GraphBuilder());
  }

  /** The inputs that a layer or a model has by itself: Input layers, else the call's parameters. */
  private List<TensorSpec> signature(Callee callee) {
    List<TensorSpec> specs = new ArrayList<>();
    if (TopologyReader.isModel(callee.layer())) {
      for (KerasTensor tensor : callee.arguments().positional().getFirst().leaves()) {
        Value value = tensor.value();
        specs.add(new TensorSpec(value.name(), value.dtype(), value.shape()));
      }
      return specs;
    }
    List<String> parameters = parameters(callee.layer());
    List<Nested<KerasTensor>> positional = callee.arguments().positional();
    for (int i = 0; i < positional.size(); i++) {
      String name = i < parameters.size() ? parameters.get(i) : "input_" + i;
      addSpecs(name, positional.get(i), specs);
    }
    callee.arguments().keywords().forEach((name, argument) -> addSpecs(name, argument, specs));
    return specs;
  }

  private static void addSpecs(String name, Nested<KerasTensor> argument, List<TensorSpec> specs) {
    List<KerasTensor> leaves = argument.leaves();
    for (int i = 0; i < leaves.size(); i++) {
      Value value = leaves.get(i).value();
      String numbered = leaves.size() == 1 ? name : name + "_" + i;
      specs.add(new TensorSpec(numbered, value.dtype(), value.shape()));
    }
  }

  private List<String> parameters(SerializedObject layer) {
    return registry.find(layer).map(Lowering::parameters).orElse(List.of());
  }

  /** The target called once more, on inputs of its own. */
  EndpointTarget lowered(EndpointSpec spec) {
    Callee callee = callee(spec);
    List<TensorSpec> own = signature(callee);
    boolean byParameter =
        !TopologyReader.isModel(callee.layer())
            && !spec.inputs().isEmpty()
            && !namesOf(own).containsAll(spec.inputs().stream().map(InputSpec::name).toList());
    List<EndpointTarget.Input> inputs =
        byParameter ? byParameter(spec, callee) : inOrder(spec, own);
    CallArguments arguments = byParameter ? keywords(inputs) : replaced(callee.arguments(), inputs);
    CallLog calls = new CallLog();
    Nested<KerasTensor> outputs = call(callee, lowerings.apply(calls, spec.training()), arguments);
    return new EndpointTarget(callee.path(), inputs, outputs, calls);
  }

  private static Nested<KerasTensor> call(
      Callee callee, ModelLowering lowering, CallArguments arguments) {
    if (callee.path().isEmpty()) {
      return lowering.callModel(
          TopologyReader.read(callee.layer()), callee.scope(), arguments.positional().getFirst());
    }
    return lowering.call(
        callee.layer(), callee.scope(), arguments.positional(), arguments.keywords());
  }

  private static Set<String> namesOf(List<TensorSpec> specs) {
    Set<String> names = new HashSet<>();
    specs.forEach(spec -> names.add(spec.name()));
    return names;
  }

  /** Inputs of other names than the call in the model has: they must be parameters of the layer. */
  private List<EndpointTarget.Input> byParameter(EndpointSpec spec, Callee callee) {
    List<String> parameters = parameters(callee.layer());
    List<EndpointTarget.Input> inputs = new ArrayList<>();
    for (InputSpec wanted : spec.inputs()) {
      if (!parameters.contains(wanted.name())) {
        throw AlphornException.invalidArgument(
            "%s: '%s' has no parameter '%s'; known are %s",
            wanted.place(), callee.path(), wanted.name(), parameters);
      }
      List<Long> sizes =
          wanted
              .shape()
              .orElseThrow(
                  () -> AlphornException.invalidArgument("%s: expected a shape", wanted.place()));
      inputs.add(declare(spec, wanted.name(), wanted.dtype().orElse(DType.FLOAT32), sizes));
    }
    return inputs;
  }

  private static CallArguments keywords(List<EndpointTarget.Input> inputs) {
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    inputs.forEach(
        input -> keywords.put(input.spec().name(), Nested.leaf(KerasTensor.of(input.value()))));
    return new CallArguments(List.of(), keywords);
  }

  /** All inputs that the target has, some in another shape or type. */
  private List<EndpointTarget.Input> inOrder(EndpointSpec spec, List<TensorSpec> own) {
    Map<String, InputSpec> wanted = new LinkedHashMap<>();
    spec.inputs().forEach(input -> wanted.put(input.name(), input));
    List<EndpointTarget.Input> inputs = new ArrayList<>();
    for (TensorSpec has : own) {
      InputSpec change = wanted.remove(has.name());
      if (change == null && !spec.inputs().isEmpty()) {
        throw AlphornException.invalidArgument(
            "%s.inputs: the signature lacks input '%s'", spec.place(), has.name());
      }
      List<Long> sizes = sizes(has.shape());
      DType dtype = has.dtype();
      if (change != null) {
        sizes = change.shape().orElse(sizes);
        dtype = change.dtype().orElse(dtype);
      }
      inputs.add(declare(spec, has.name(), dtype, sizes));
    }
    if (!wanted.isEmpty()) {
      InputSpec unknown = wanted.values().iterator().next();
      throw AlphornException.invalidArgument(
          "%s: no input '%s'; known are %s", unknown.place(), unknown.name(), namesOf(own));
    }
    return inputs;
  }

  /** A new input. Its open sizes are no other endpoint's, for each runs by itself. */
  private EndpointTarget.Input declare(
      EndpointSpec spec, String name, DType dtype, List<Long> sizes) {
    List<Dim> dims = new ArrayList<>();
    for (long size : sizes) {
      String symbol = dims.isEmpty() ? "batch" : name + "_" + dims.size();
      dims.add(size < 0 ? Dim.symbolic(symbol + "@" + spec.name()) : Dim.of(size));
    }
    return input(name, graph.input(spec.name() + "/" + name, dtype, new Shape(dims)));
  }

  /** The arguments in the same structure, with one of {@code inputs} for each tensor. */
  private static CallArguments replaced(
      CallArguments arguments, List<EndpointTarget.Input> inputs) {
    var next = inputs.iterator();
    List<Nested<KerasTensor>> positional = new ArrayList<>();
    for (Nested<KerasTensor> argument : arguments.positional()) {
      positional.add(argument.map(tensor -> KerasTensor.of(next.next().value())));
    }
    Map<String, Nested<KerasTensor>> keywords = new LinkedHashMap<>();
    arguments
        .keywords()
        .forEach(
            (name, argument) ->
                keywords.put(name, argument.map(tensor -> KerasTensor.of(next.next().value()))));
    return new CallArguments(positional, keywords);
  }
}
