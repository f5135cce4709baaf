package io.alphorn.compiler;

import io.alphorn.archive.KerasArchive;
import io.alphorn.archive.LegacyWeights;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.passes.Passes;
import io.alphorn.endpoint.EndpointSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    return compile(archive, List.of(EndpointSpec.SERVE));
  }

  /**
   * Compiles a model with these endpoints, the first of them the default one.
   *
   * @throws AlphornException as {@link #compile(KerasArchive)}; INVALID_ARGUMENT when an endpoint
   *     does not fit the model
   */
  public CompiledModel compile(KerasArchive archive, List<EndpointSpec> endpoints) {
    SerializedObject model = SerializedObject.of(archive.config(), "config.json");
    try {
      return compile(archive, model, endpoints);
    } catch (LayerFailure e) {
      throw e.toException();
    }
  }

  /** Every layer that stands in the way of compiling, by the config; empty when none does. */
  public List<Diagnosis.Finding> diagnose(KerasArchive archive) {
    return Diagnosis.of(SerializedObject.of(archive.config(), "config.json"), registry);
  }

  private CompiledModel compile(
      KerasArchive archive, SerializedObject model, List<EndpointSpec> endpoints) {
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
    return finish(archive, lower(archive, model, source), endpoints);
  }

  /** A model's graph under construction, with all its layers in it. */
  private record Lowered(
      Topology topology, GraphBuilder graph, VariableBinder binder, EndpointTargets.Whole whole) {}

  private Lowered lower(KerasArchive archive, SerializedObject model, VariableSource source) {
    Topology topology = TopologyReader.read(model);
    GraphBuilder graph = new GraphBuilder();
    Nested<KerasTensor> inputs = ModelInputs.declare(topology, model, graph);
    VariableBinder binder = new VariableBinder(source, graph);
    CallLog calls = new CallLog();
    VariableScope scope = new VariableScope(binder, "", "");
    Nested<KerasTensor> outputs =
        new ModelLowering(registry, graph, archive::asset, calls)
            .callModel(topology, scope, inputs);
    return new Lowered(
        topology, graph, binder, new EndpointTargets.Whole(model, scope, inputs, outputs, calls));
  }

  private CompiledModel finish(KerasArchive archive, Lowered model, List<EndpointSpec> endpoints) {
    GraphBuilder graph = model.graph();
    EndpointTargets targets =
        new EndpointTargets(
            registry,
            graph,
            model.whole(),
            (calls, mode) ->
                new ModelLowering(
                    registry, graph, archive::asset, calls, model.whole().calls(), mode));
    EndpointSteps steps =
        new EndpointSteps(
            registry,
            graph,
            new ModelLowering(registry, graph, archive::asset, new CallLog()),
            model.whole().scope());
    EndpointCompiler compiler = new EndpointCompiler(graph, targets, steps);
    List<EndpointSignature> signatures = endpoints.stream().map(compiler::compile).toList();
    List<Value> kept = kept(graph, signatures);
    Graph built = Passes.apply(graph.build(kept));
    Map<Value, Value> rewritten = new HashMap<>();
    for (int i = 0; i < kept.size(); i++) {
      rewritten.put(kept.get(i), built.outputs().get(i));
    }
    List<CompiledEndpoint> compiled =
        Stages.of(
            built, signatures.stream().map(signature -> signature.replaced(rewritten)).toList());
    return new CompiledModel(
        model.topology().name(),
        archive.kerasVersion(),
        built,
        compiled,
        model.binder().variables());
  }

  /** What the passes must leave in the graph: what endpoints answer, and where they enter. */
  private static List<Value> kept(GraphBuilder graph, List<EndpointSignature> signatures) {
    Set<Value> kept = new LinkedHashSet<>();
    signatures.forEach(signature -> kept.addAll(signature.results()));
    signatures.stream()
        .flatMap(signature -> signature.sources().stream())
        .filter(source -> !graph.isInput(source))
        .forEach(kept::add);
    return new ArrayList<>(kept);
  }
}
