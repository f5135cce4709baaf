package io.alphorn.compiler;

import io.alphorn.archive.KerasArchive;
import io.alphorn.archive.LegacyWeights;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.passes.Passes;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Compiles the model of an archive. Immutable; may be used by many threads. */
public final class ModelCompiler {
  private final LoweringRegistry registry;

  public ModelCompiler() {
    this(Lowerings.all());
  }

  public ModelCompiler(LoweringRegistry registry) {
    this.registry = registry;
  }

  /**
   * Compiles the whole model as Keras runs it with {@code training=False}.
   *
   * @throws AlphornException UNIMPLEMENTED when a class or an argument is not supported,
   *     INVALID_ARGUMENT when config and weights do not fit together; the message names the layer
   */
  public CompiledModel compile(KerasArchive archive) {
    SerializedObject model = SerializedObject.of(archive.config(), "config.json");
    try {
      return compile(archive, model);
    } catch (LayerFailure e) {
      throw e.toException();
    }
  }

  /** Every layer that stands in the way of compiling, by the config; empty when none does. */
  public List<Diagnosis.Finding> diagnose(KerasArchive archive) {
    return Diagnosis.of(SerializedObject.of(archive.config(), "config.json"), registry);
  }

  private CompiledModel compile(KerasArchive archive, SerializedObject model) {
    if (!TopologyReader.isModel(model)) {
      throw UnknownClass.error(model).at("the model itself");
    }
    VariableSource source = VariableSource.of(archive.weights());
    Optional<LegacyWeights> legacy = archive.weights().legacy();
    if (legacy.isPresent()) {
      Lowered recorded = lower(archive, model, LegacyVariables.recording());
      source =
          LegacyVariables.match(recorded.topology(), recorded.binder().variables(), legacy.get());
    }
    return finish(archive, lower(archive, model, source));
  }

  /** A model's graph under construction, with all its layers in it. */
  private record Lowered(
      Topology topology,
      GraphBuilder graph,
      Nested<KerasTensor> inputs,
      Nested<KerasTensor> outputs,
      VariableBinder binder) {}

  private Lowered lower(KerasArchive archive, SerializedObject model, VariableSource source) {
    Topology topology = TopologyReader.read(model);
    GraphBuilder graph = new GraphBuilder();
    Nested<KerasTensor> inputs = ModelInputs.declare(topology, model, graph);
    VariableBinder binder = new VariableBinder(source, graph);
    ModelLowering lowering =
        new ModelLowering(registry, graph, archive::asset, (path, layer, outputs) -> {});
    VariableScope scope = new VariableScope(binder, "", "");
    Nested<KerasTensor> outputs = lowering.callModel(topology, scope, inputs);
    return new Lowered(topology, graph, inputs, outputs, binder);
  }

  private static CompiledModel finish(KerasArchive archive, Lowered model) {
    List<Value> results = distinctResults(model.graph(), model.outputs().leaves());
    Graph built = Passes.apply(model.graph().build(results));
    List<TensorSpec> outputSpecs = new ArrayList<>();
    List<String> names = OutputNames.of(model.outputs());
    for (int i = 0; i < results.size(); i++) {
      Value value = results.get(i);
      outputSpecs.add(new TensorSpec(names.get(i), value.dtype(), value.shape()));
    }
    List<TensorSpec> inputSpecs =
        model.inputs().leaves().stream()
            .map(KerasTensor::value)
            .map(value -> new TensorSpec(value.name(), value.dtype(), value.shape()))
            .toList();
    return new CompiledModel(
        model.topology().name(),
        archive.kerasVersion(),
        inputSpecs,
        outputSpecs,
        built,
        Stages.of(built),
        model.binder().variables());
  }

  /** A graph's outputs must be made by nodes of its own, each once. */
  private static List<Value> distinctResults(GraphBuilder graph, List<KerasTensor> outputs) {
    Set<Value> used = new HashSet<>();
    Graph soFar = graph.build(List.of());
    List<Value> results = new ArrayList<>();
    for (KerasTensor output : outputs) {
      Value value = output.value();
      boolean own =
          !soFar.inputs().contains(value)
              && !soFar.constants().containsKey(value)
              && used.add(value);
      results.add(own ? value : graph.unary("Identity", value));
    }
    return results;
  }
}
