package io.alphorn.compiler;

import io.alphorn.compiler.graph.Graph;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model ready to run: its endpoints, and the variables that it was made with.
 *
 * @param graph all endpoints as one graph, as the passes left it
 * @param endpoints in order; the first is the default
 */
public record CompiledModel(
    String name,
    String kerasVersion,
    Graph graph,
    List<CompiledEndpoint> endpoints,
    List<ModelVariable> variables) {
  /** What TensorFlow calls the endpoint that answers where none is named. */
  public static final String DEFAULT = "serving_default";

  public CompiledModel {
    endpoints = List.copyOf(endpoints);
    variables = List.copyOf(variables);
  }

  /** What runs for any of the endpoints; those that share a stage have it as one object. */
  public List<Stage> stages() {
    Set<Stage> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return endpoints.stream()
        .flatMap(endpoint -> endpoint.stages().stream())
        .filter(seen::add)
        .toList();
  }

  /** The endpoint that answers where none is named. */
  public CompiledEndpoint defaultEndpoint() {
    return named(DEFAULT).orElse(endpoints.getFirst());
  }

  /** The endpoint of this name; {@code ""} and {@value #DEFAULT} are the default one. */
  public Optional<CompiledEndpoint> find(String name) {
    return name.isEmpty() || name.equals(DEFAULT) ? Optional.of(defaultEndpoint()) : named(name);
  }

  /**
   * The endpoint of this name, see {@link #find}.
   *
   * @throws AlphornException NOT_FOUND
   */
  public CompiledEndpoint endpoint(String name) {
    return find(name)
        .orElseThrow(
            () ->
                AlphornException.notFound(
                    "model '%s' has no endpoint '%s'; it has %s", this.name, name, names()));
  }

  private Optional<CompiledEndpoint> named(String name) {
    return endpoints.stream().filter(endpoint -> endpoint.name().equals(name)).findFirst();
  }

  /** What clients can ask for: every endpoint's name, and {@value #DEFAULT}. */
  public List<String> names() {
    List<String> names = new ArrayList<>(endpoints.stream().map(CompiledEndpoint::name).toList());
    if (!names.contains(DEFAULT)) {
      names.add(DEFAULT);
    }
    return names;
  }

  /** The default endpoint's inputs, in the order of Keras's flattened inputs. */
  public List<TensorSpec> inputs() {
    return defaultEndpoint().inputs();
  }

  /** The default endpoint's outputs, in the order of Keras's flattened outputs. */
  public List<TensorSpec> outputs() {
    return defaultEndpoint().outputs();
  }
}
