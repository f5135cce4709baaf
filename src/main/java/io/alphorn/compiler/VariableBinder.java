package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the variables of a model's layers in its weights, and keeps the list of them. A layer that
 * is called several times has its variables in the graph once.
 */
public final class VariableBinder {
  /**
   * A variable with its place.
   *
   * @param layer whose it is, by its path in the weights
   * @param rank among the layer's own
   */
  private record Bound(String layer, int rank, ModelVariable variable) {
    /** Keras makes the scales of float8 before a layer's kernel. */
    static int rank(String name, boolean trainable) {
      if (!trainable) {
        return 2;
      }
      return name.endsWith("_scale") || name.endsWith("_amax_history") ? 0 : 1;
    }
  }

  private final VariableSource source;
  private final GraphBuilder graph;
  private final Map<String, Bound> bound = new LinkedHashMap<>();
  private final Map<String, Set<String>> sublayers = new HashMap<>();
  private final Map<String, Value> values = new HashMap<>();

  VariableBinder(VariableSource source, GraphBuilder graph) {
    this.source = source;
    this.graph = graph;
  }

  VariableSource source() {
    return source;
  }

  /** Says that a layer has a sublayer, after those that were declared before. */
  void declare(String layer, String sublayer) {
    sublayers.computeIfAbsent(layer, key -> new LinkedHashSet<>()).add(sublayer);
  }

  /**
   * All variables bound so far, in the order of Keras's {@code model.weights}: of each layer first
   * its own, the trainable ones before the others, then those of its sublayers.
   */
  public List<ModelVariable> variables() {
    Map<String, List<Bound>> byLayer =
        bound.values().stream().collect(Collectors.groupingBy(Bound::layer));
    List<ModelVariable> ordered = new ArrayList<>();
    collect("", byLayer, ordered);
    return ordered;
  }

  private void collect(
      String layer, Map<String, List<Bound>> byLayer, List<ModelVariable> ordered) {
    byLayer.getOrDefault(layer, List.of()).stream()
        .sorted(Comparator.comparing(Bound::rank))
        .map(Bound::variable)
        .forEach(ordered::add);
    sublayers
        .getOrDefault(layer, Set.of())
        .forEach(sublayer -> collect(sublayer, byLayer, ordered));
  }

  /**
   * The variable at {@code path}, checked against the shape that the layer's config asks for.
   *
   * @param owner the layer that it is listed with, by its path in the weights
   * @throws AlphornException INVALID_ARGUMENT when it is missing or has another shape
   */
  Value bind(
      String path,
      VariableScope layer,
      String owner,
      String name,
      boolean trainable,
      long[] shape) {
    String layerPath = layer.layerPath();
    StoredTensor tensor =
        source
            .find(path, shape)
            .orElseThrow(
                () ->
                    AlphornException.invalidArgument(
                        "layer '%s': variable '%s' of shape %s is missing: the weights have nothing"
                            + " at '%s'",
                        layerPath, name, Arrays.toString(shape), path));
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw AlphornException.invalidArgument(
          "layer '%s': variable '%s' must have shape %s by the config, but '%s' in the weights has"
              + " %s",
          layerPath, name, Arrays.toString(shape), path, Arrays.toString(tensor.shape()));
    }
    ModelVariable variable =
        new ModelVariable(layerPath + "/" + name, trainable && layer.isTrainable(), tensor);
    bound.putIfAbsent(path, new Bound(owner, Bound.rank(name, trainable), variable));
    return values.computeIfAbsent(path, key -> graph.constant(tensor));
  }

  Optional<StoredTensor> find(String path) {
    return source.find(path);
  }
}
