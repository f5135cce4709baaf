package io.alphorn.compiler;

import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.EndpointSpec;
import io.alphorn.endpoint.OutputSpec;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Adds endpoints to a model's graph. Where an endpoint can use what the model computes anyway, it
 * does: then its weights are in memory once. Else its target is lowered once more, with inputs of
 * its own.
 */
final class EndpointCompiler {
  private final GraphBuilder graph;
  private final EndpointTargets targets;
  private final EndpointSteps steps;

  EndpointCompiler(GraphBuilder graph, EndpointTargets targets, EndpointSteps steps) {
    this.graph = graph;
    this.targets = targets;
    this.steps = steps;
  }

  /**
   * Compiles one endpoint.
   *
   * @throws AlphornException INVALID_ARGUMENT when it does not fit the model, with the place in the
   *     document
   */
  EndpointSignature compile(EndpointSpec spec) {
    try {
      Optional<EndpointTarget> shared = targets.shared(spec);
      if (shared.isPresent()) {
        Optional<EndpointSignature> signature = sharing(spec, shared.get());
        if (signature.isPresent()) {
          return signature.get();
        }
      }
      EndpointTarget own = targets.lowered(spec);
      Outputs outputs = outputs(spec, own);
      return signature(spec, own.inputs(), outputs);
    } catch (LayerFailure e) {
      throw e.toException().at("endpoint '%s'".formatted(spec.name()));
    }
  }

  /** The signature over values of the model; empty when the outputs need more than its inputs. */
  private Optional<EndpointSignature> sharing(EndpointSpec spec, EndpointTarget target) {
    Outputs outputs = outputs(spec, target);
    Set<Value> sources = new HashSet<>();
    target.inputs().forEach(input -> sources.add(input.value()));
    Graph soFar = graph.build(List.of());
    Set<Value> lacking = soFar.neededInputs(outputs.values(), sources);
    if (!lacking.isEmpty()) {
      if (target.isModel() && !spec.inputs().isEmpty()) {
        throw AlphornException.invalidArgument(
            "%s.inputs: the outputs need inputs %s too",
            spec.place(), lacking.stream().map(Value::name).sorted().toList());
      }
      return Optional.empty();
    }
    if (!target.isModel() || !spec.inputs().isEmpty() || spec.outputs().isEmpty()) {
      return Optional.of(signature(spec, target.inputs(), outputs));
    }
    Set<Value> needed = soFar.neededInputs(outputs.values(), Set.of());
    List<EndpointTarget.Input> inputs =
        target.inputs().stream().filter(input -> needed.contains(input.value())).toList();
    return Optional.of(signature(spec, inputs, outputs));
  }

  private EndpointSignature signature(
      EndpointSpec spec, List<EndpointTarget.Input> inputs, Outputs outputs) {
    List<TensorSpec> outputSpecs = new ArrayList<>();
    for (int i = 0; i < outputs.values().size(); i++) {
      Value value = outputs.values().get(i);
      outputSpecs.add(new TensorSpec(outputs.names().get(i), value.dtype(), value.shape()));
    }
    return new EndpointSignature(
        spec.name(),
        inputs.stream().map(EndpointTarget.Input::spec).toList(),
        inputs.stream().map(EndpointTarget.Input::value).toList(),
        outputSpecs,
        outputs.values());
  }

  /** Values under the names that clients know. */
  private record Outputs(List<String> names, List<Value> values) {}

  private Outputs outputs(EndpointSpec spec, EndpointTarget target) {
    List<String> names = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    if (spec.outputs().isEmpty()) {
      names.addAll(OutputNames.of(target.outputs()));
      target.outputs().leaves().forEach(leaf -> values.add(leaf.value()));
    }
    for (OutputSpec output : spec.outputs()) {
      List<Value> results = steps.apply(output, target.output(output));
      addNames(output, results.size(), names);
      values.addAll(results);
    }
    return new Outputs(names, ownValues(values));
  }

  private static void addNames(OutputSpec output, int count, List<String> names) {
    List<String> given = output.names();
    if (given.size() > 1 && given.size() != count) {
      throw AlphornException.invalidArgument(
          "%s.names: expected %d names, for there are as many tensors, found %s",
          output.place(), count, given);
    }
    for (int i = 0; i < count; i++) {
      String name =
          given.isEmpty()
              ? "output_" + names.size()
              : given.size() == count ? given.get(i) : given.getFirst() + "_" + i;
      if (names.contains(name)) {
        throw AlphornException.invalidArgument(
            "%s: the endpoint has an output '%s' already", output.place(), name);
      }
      names.add(name);
    }
  }

  /** An endpoint's results are made by nodes, each once. */
  private List<Value> ownValues(List<Value> values) {
    Set<Value> used = new HashSet<>();
    List<Value> own = new ArrayList<>();
    for (Value value : values) {
      boolean made = !graph.isInput(value) && !graph.isConstant(value);
      own.add(made && used.add(value) ? value : graph.unary("Identity", value));
    }
    return own;
  }
}
