package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the variables of a model's layers in its weights, and keeps the list of them. A layer that
 * is called several times has its variables in the graph once.
 */
public final class VariableBinder {
  private final VariableSource source;
  private final GraphBuilder graph;
  private final Map<String, ModelVariable> bound = new LinkedHashMap<>();
  private final Map<String, Value> values = new HashMap<>();

  VariableBinder(VariableSource source, GraphBuilder graph) {
    this.source = source;
    this.graph = graph;
  }

  VariableSource source() {
    return source;
  }

  /** All variables bound so far, in the order in which layers asked for them. */
  public List<ModelVariable> variables() {
    return new ArrayList<>(bound.values());
  }

  /**
   * The variable at {@code path}, checked against the shape that the layer's config asks for.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is missing or has another shape
   */
  Value bind(String path, String layerPath, String name, boolean trainable, long[] shape) {
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
    bound.putIfAbsent(path, new ModelVariable(layerPath + "/" + name, trainable, tensor));
    return values.computeIfAbsent(path, key -> graph.constant(tensor));
  }

  Optional<StoredTensor> find(String path) {
    return source.find(path);
  }
}
