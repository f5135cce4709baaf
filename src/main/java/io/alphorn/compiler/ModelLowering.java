package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.TrainingMode;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.keras.Config;
import io.alphorn.keras.DTypePolicy;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Walks a model and lowers each call of a layer or an operation, as Keras runs it: inputs are cast
 * by the layer's dtype policy, masks go along with their tensors.
 */
public final class ModelLowering {
  private static final int MAX_DEPTH = 64;

  private final LoweringRegistry registry;
  private GraphBuilder graph;
  private final Function<String, Optional<byte[]>> assets;
  private final CallLog calls;
  private final CallLog others;
  private final TrainingContext training;
  private final Set<Value> unmasked = new HashSet<>();
  private final Map<Value, List<Dim>> sizes = new HashMap<>();
  private int depth;

  /** Whether the call under way is all in its outputs, and the same in every mode. */
  private boolean repeatable = true;

  /** A lowering for inference. */
  ModelLowering(
      LoweringRegistry registry,
      GraphBuilder graph,
      Function<String, Optional<byte[]>> assets,
      CallLog calls) {
    this(registry, graph, assets, calls, new CallLog(), TrainingMode.INFERENCE);
  }

  /**
   * A lowering of any mode.
   *
   * @param calls where the calls are noted that it makes
   * @param others calls of the same layers in another mode: what is the same there is not lowered
   *     again
   */
  ModelLowering(
      LoweringRegistry registry,
      GraphBuilder graph,
      Function<String, Optional<byte[]>> assets,
      CallLog calls,
      CallLog others,
      TrainingMode mode) {
    this.registry = registry;
    this.graph = graph;
    this.assets = assets;
    this.calls = calls;
    this.others = others;
    this.training = new TrainingContext(mode);
  }

  GraphBuilder graph() {
    return graph;
  }

  /** Lowers what {@code body} calls into a subgraph. */
  <T> T within(GraphBuilder subgraph, Supplier<T> body) {
    GraphBuilder outer = graph;
    graph = subgraph;
    try {
      return body.get();
    } finally {
      graph = outer;
    }
  }

  /** From now on the tensor has no mask, wherever it goes. */
  void removeMask(KerasTensor tensor) {
    unmasked.add(tensor.value());
    repeatable = false;
  }

  /** The calls under way may be others in another mode. */
  void dependOnTraining() {
    repeatable = false;
  }

  void holdsSizes(Value value, List<Dim> dims) {
    repeatable = false;
    sizes.put(value, List.copyOf(dims));
  }

  Optional<List<Dim>> heldSizes(Value value) {
    return Optional.ofNullable(sizes.get(value));
  }

  boolean takesMask(SerializedObject layer) {
    return TopologyReader.isModel(layer)
        || registry.find(layer).filter(known -> known.parameters().contains("mask")).isPresent();
  }

  private KerasTensor withoutRemovedMask(KerasTensor tensor) {
    return unmasked.contains(tensor.value()) ? tensor.withMask(null) : tensor;
  }

  Optional<byte[]> asset(String path) {
    return assets.apply(path);
  }

  /** Calls a layer, a nested model or an operation. Errors name its path. */
  Nested<KerasTensor> call(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords) {
    if (++depth > MAX_DEPTH) {
      throw AlphornException.invalidArgument(
          "layers are nested deeper than %d at '%s'", MAX_DEPTH, scope.layerPath());
    }
    try {
      @Nullable Boolean trains = training.resolve(recorded(keywords), ownDefault(layer));
      return graph.isSubgraph()
          ? lower(layer, scope, positional, keywords, trains)
          : logged(layer, scope, positional, keywords, trains);
    } catch (LayerFailure e) {
      throw e;
    } catch (AlphornException e) {
      throw new LayerFailure(scope.layerPath(), layer, e);
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      String message = "the config does not fit together: " + e.getMessage();
      AlphornException failure = new AlphornException(ErrorCode.INVALID_ARGUMENT, message, e);
      throw new LayerFailure(scope.layerPath(), layer, failure);
    } finally {
      depth--;
    }
  }

  /** Calls a sublayer of a layer, which hands it the {@code training} argument of its own. */
  Nested<KerasTensor> callSublayer(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords,
      boolean trains) {
    return training.giving(trains, () -> call(layer, scope, positional, keywords));
  }

  /** The {@code training} argument of a call; null for none. */
  private static @Nullable Boolean recorded(Map<String, Nested<KerasTensor>> keywords) {
    return switch (keywords.getOrDefault("training", new Nested.None<>())) {
      case Nested.Bool<KerasTensor>(boolean value) -> value;
      case Nested.Int<KerasTensor>(long value) -> value != 0;
      case Nested.None<KerasTensor> none -> null;
      default ->
          throw AlphornException.unimplemented(
              "called with a 'training' argument that is not true or false");
    };
  }

  private @Nullable Boolean ownDefault(SerializedObject layer) {
    boolean trains = registry.find(layer).filter(Lowering::trainsByDefault).isPresent();
    return trains ? true : null;
  }

  private Nested<KerasTensor> logged(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords,
      @Nullable Boolean trains) {
    String path = scope.layerPath();
    Optional<CallLog.Entry> same =
        TopologyReader.isModel(layer)
            ? Optional.empty()
            : others.findSame(path, positional, keywords);
    if (same.isPresent()) {
      same.get().inner().forEach(inner -> calls.add(inner.path(), inner.entry()));
      calls.add(path, same.get());
      return same.get().outputs();
    }
    boolean outerRepeatable = repeatable;
    int before = calls.size();
    repeatable = true;
    Nested<KerasTensor> outputs = lower(layer, scope, positional, keywords, trains);
    List<CallLog.Logged> inner = calls.since(before);
    calls.add(
        path, new CallLog.Entry(layer, scope, positional, keywords, outputs, repeatable, inner));
    repeatable &= outerRepeatable;
    return outputs;
  }

  private Nested<KerasTensor> lower(
      SerializedObject layer,
      VariableScope outer,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords,
      @Nullable Boolean trains) {
    return graph.from(
        outer.layerPath(),
        () -> lowerCall(layer, outer.forCallOf(layer), positional, keywords, trains));
  }

  private Nested<KerasTensor> lowerCall(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords,
      @Nullable Boolean trains) {
    if (TopologyReader.isModel(layer)) {
      Topology topology = TopologyReader.read(layer);
      return training.giving(trains, () -> callModel(topology, scope, positional, keywords));
    }
    Lowering lowering = registry.find(layer).orElseThrow(() -> UnknownClass.error(layer));
    ConstructorArguments.check(lowering, layer);
    PythonCode.refuseIn(positional);
    PythonCode.refuseIn(keywords.values());
    DTypePolicy policy = DTypePolicy.of(layer.config(), scope.layerPath());
    Arguments arguments =
        Arguments.bind(lowering.parameters(), positional, keywords).map(this::withoutRemovedMask);
    Arguments converted =
        lowering.autocast() ? arguments.map(tensor -> autocast(tensor, policy)) : arguments;
    OperationCall call =
        new OperationCall(this, layer, policy, scope, converted, Boolean.TRUE.equals(trains));
    Nested<KerasTensor> outputs = lowering.function().lower(call);
    scope.finish();
    return switch (lowering.masking()) {
      case OWN -> outputs;
      case STOP -> outputs.map(tensor -> tensor.withMask(null));
      case PASS -> passMasks(call, outputs);
    };
  }

  /** Lowers an operation as a part of another call. */
  Nested<KerasTensor> callOperation(
      OperationCall caller, String className, Map<String, Nested<KerasTensor>> arguments) {
    Lowering lowering =
        registry
            .findOperation(className)
            .orElseThrow(() -> new IllegalArgumentException("no operation " + className));
    Map<String, Nested<KerasTensor>> given = new LinkedHashMap<>(arguments);
    given.values().removeIf(Nested::isNone);
    SerializedObject operation =
        new SerializedObject(
            lowering.module(), className, Config.empty(caller.path()), className, null);
    return lowering
        .function()
        .lower(
            new OperationCall(
                this, operation, caller.policy(), caller.variables(), new Arguments(given), false));
  }

  private KerasTensor autocast(KerasTensor tensor, DTypePolicy policy) {
    boolean cast = tensor.dtype().isFloating() && policy.compute().isFloating();
    return cast
        ? new KerasTensor(graph.cast(tensor.value(), policy.compute()), tensor.mask())
        : tensor;
  }

  /** Keras's {@code Layer._set_mask_metadata}, with {@code compute_mask} giving back what came. */
  private static Nested<KerasTensor> passMasks(OperationCall call, Nested<KerasTensor> outputs) {
    List<KerasTensor> inputs = call.inputs();
    List<KerasTensor> leaves = outputs.leaves();
    if (inputs.size() == 1 && leaves.size() == 1) {
      Value mask = call.carriedMask();
      return outputs.map(tensor -> tensor.withMask(mask));
    }
    if (inputs.size() != leaves.size()) {
      return outputs;
    }
    return outputs.map(tensor -> tensor.withMask(inputs.get(indexOf(leaves, tensor)).mask()));
  }

  private static int indexOf(List<KerasTensor> leaves, KerasTensor tensor) {
    for (int i = 0; i < leaves.size(); i++) {
      if (leaves.get(i) == tensor) {
        return i;
      }
    }
    throw new IllegalStateException("not a leaf: " + tensor);
  }

  private Nested<KerasTensor> callModel(
      Topology topology,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords) {
    List<String> parameters = List.of("inputs", "training", "mask");
    Arguments arguments = Arguments.bind(parameters, positional, keywords);
    return callModel(topology, scope, withMasks(arguments));
  }

  /** A model's inputs, with the masks that its {@code mask} argument holds for them. */
  private static Nested<KerasTensor> withMasks(Arguments arguments) {
    List<KerasTensor> masks = arguments.tensors("mask");
    Nested<KerasTensor> inputs = arguments.get("inputs");
    if (masks.size() != inputs.leaves().size()) {
      return inputs;
    }
    Iterator<KerasTensor> next = masks.iterator();
    return inputs.map(tensor -> tensor.withMask(next.next().value()));
  }

  /** Calls a model on a structure of inputs. */
  Nested<KerasTensor> callModel(
      Topology topology, VariableScope scope, Nested<KerasTensor> inputs) {
    return switch (topology) {
      case Topology.Sequential sequential -> callSequential(sequential, scope, inputs);
      case Topology.Functional functional ->
          new FunctionalCall(this, functional, scope).run(inputs.leaves());
    };
  }

  private Nested<KerasTensor> callSequential(
      Topology.Sequential model, VariableScope scope, Nested<KerasTensor> inputs) {
    List<SerializedObject> layers =
        model.layers().stream().filter(layer -> !isInputLayer(layer)).toList();
    List<VariableScope> scopes = scope.children("layers", layers);
    Nested<KerasTensor> flowing = inputs;
    for (int i = 0; i < layers.size(); i++) {
      flowing = call(layers.get(i), scopes.get(i), List.of(flowing), Map.of());
    }
    return flowing;
  }

  static boolean isInputLayer(SerializedObject layer) {
    return layer.className().equals("InputLayer") && layer.isBuiltIn();
  }

  /** Applies an activation given by name, as a serialized function, or as a layer. */
  Value activate(OperationCall call, String argument, JsonNode activation, Value x) {
    if (activation.isTextual()) {
      return Activations.apply(call, activation.textValue(), x);
    }
    SerializedObject object = call.config().serialized(argument);
    if (object.className().equals("function")) {
      return Activations.apply(call, functionName(activation, object, call), x);
    }
    VariableScope scope = call.variables().activation(argument);
    return call.call(object, scope, KerasTensor.of(x)).value();
  }

  private static String functionName(
      JsonNode activation, SerializedObject object, OperationCall call) {
    @Nullable String registered = object.registeredName();
    if (registered != null && registered.contains(">")) {
      throw UnknownClass.function(registered, call.path());
    }
    return activation.path("config").asText();
  }
}
