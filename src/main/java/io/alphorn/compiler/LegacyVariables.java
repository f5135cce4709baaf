package io.alphorn.compiler;

import io.alphorn.archive.FileRegion;
import io.alphorn.archive.LegacyWeights;
import io.alphorn.archive.StoredTensor;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.LayerNode;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import io.alphorn.keras.WeightPaths;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Matches the weights of legacy files with a model's variables by order, as Keras's {@code
 * legacy_h5_format.load_weights_from_hdf5_group} does: layer by layer, trainable ones first.
 *
 * <p>What a layer's variables are is learned by lowering the model once against {@link
 * #recording()}, which has an array for every variable that a layer asks for.
 */
final class LegacyVariables {
  private LegacyVariables() {}

  /** A source that has whatever is asked for. Its arrays are only good for their shapes. */
  static VariableSource recording() {
    return new VariableSource() {
      @Override
      public Optional<StoredTensor> find(String path, long[] shape) {
        return Optional.of(new Expected(path, shape));
      }

      @Override
      public Optional<StoredTensor> find(String path) {
        return Optional.empty();
      }

      @Override
      public boolean hasGroup(String path) {
        return false;
      }

      @Override
      public long count(String path) {
        return 0;
      }
    };
  }

  /** A variable that a layer asked for. */
  private record Expected(String path, long[] shape) implements StoredTensor {
    @Override
    public DType dtype() {
      return DType.FLOAT32;
    }

    @Override
    public Tensor read() {
      return Tensor.of(DType.FLOAT32, shape, Tensor.allocate(DType.FLOAT32, shape));
    }

    @Override
    public Optional<FileRegion> region() {
      return Optional.empty();
    }
  }

  /**
   * The weights under the paths of the variables that were recorded.
   *
   * @throws AlphornException INVALID_ARGUMENT when the file has other layers or other counts
   */
  static VariableSource match(
      Topology topology, List<ModelVariable> recorded, LegacyWeights weights) {
    List<List<ModelVariable>> expected =
        topLevelLayers(topology).stream()
            .map(layer -> inLegacyOrder(layer, recorded))
            .filter(variables -> !variables.isEmpty())
            .toList();
    List<LegacyWeights.LayerWeights> stored =
        weights.layers().stream().filter(layer -> !layer.tensors().isEmpty()).toList();
    if (expected.size() != stored.size()) {
      throw AlphornException.invalidArgument(
          "the config has %d layers with weights, but the file holds weights of %d: %s",
          expected.size(),
          stored.size(),
          stored.stream().map(LegacyWeights.LayerWeights::layerName).toList());
    }
    Map<String, StoredTensor> byPath = new HashMap<>();
    for (int i = 0; i < stored.size(); i++) {
      match(expected.get(i), stored.get(i), byPath);
    }
    return new Matched(byPath);
  }

  private static void match(
      List<ModelVariable> expected,
      LegacyWeights.LayerWeights stored,
      Map<String, StoredTensor> byPath) {
    if (expected.size() != stored.tensors().size()) {
      throw AlphornException.invalidArgument(
          "layer '%s': the config asks for %d weights (%s), but the file holds %d",
          stored.layerName(),
          expected.size(),
          expected.stream().map(ModelVariable::path).toList(),
          stored.tensors().size());
    }
    for (int i = 0; i < expected.size(); i++) {
      byPath.put(expected.get(i).tensor().path(), stored.tensors().get(i));
    }
  }

  /** A layer with where its variables stand. */
  private record Placed(SerializedObject layer, String path) {}

  private static List<Placed> topLevelLayers(Topology topology) {
    return placed(topology, "");
  }

  private static List<Placed> placed(Topology topology, String path) {
    List<SerializedObject> layers =
        switch (topology) {
          case Topology.Sequential model -> model.layers();
          case Topology.Functional model -> model.layers().stream().map(LayerNode::layer).toList();
        };
    List<SerializedObject> own =
        layers.stream()
            .filter(layer -> !ModelLowering.isInputLayer(layer) && !layer.isOperation())
            .toList();
    List<String> names =
        WeightPaths.inContainer(own.stream().map(SerializedObject::className).toList());
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      placed.add(new Placed(own.get(i), path + "layers/" + names.get(i) + "/"));
    }
    return placed;
  }

  private static List<ModelVariable> inLegacyOrder(Placed layer, List<ModelVariable> recorded) {
    Map<ModelVariable, Boolean> trainable = new LinkedHashMap<>();
    collect(layer, true, recorded, trainable);
    List<ModelVariable> ordered = new ArrayList<>();
    trainable.forEach((variable, trained) -> addIf(trained, variable, ordered));
    trainable.forEach((variable, trained) -> addIf(!trained, variable, ordered));
    return ordered;
  }

  private static void addIf(boolean wanted, ModelVariable variable, List<ModelVariable> list) {
    if (wanted) {
      list.add(variable);
    }
  }

  /**
   * Variables in the order of the layers, and whether each is trained: a frozen layer's are not.
   */
  private static void collect(
      Placed placed,
      boolean outerTrainable,
      List<ModelVariable> recorded,
      Map<ModelVariable, Boolean> trainable) {
    Config config = placed.layer().config();
    boolean trained = outerTrainable && config.bool("trainable", true);
    if (TopologyReader.isModel(placed.layer())) {
      for (Placed inner : placed(TopologyReader.read(placed.layer()), placed.path())) {
        collect(inner, trained, recorded, trainable);
      }
      return;
    }
    for (ModelVariable variable : recorded) {
      if (variable.tensor().path().startsWith(placed.path())) {
        trainable.put(variable, trained && variable.trainable());
      }
    }
  }

  /** Arrays of a legacy file under the paths of Keras 3. */
  private record Matched(Map<String, StoredTensor> byPath) implements VariableSource {
    @Override
    public Optional<StoredTensor> find(String path, long[] shape) {
      return Optional.ofNullable(byPath.get(path));
    }

    @Override
    public Optional<StoredTensor> find(String path) {
      return Optional.ofNullable(byPath.get(path));
    }

    @Override
    public boolean hasGroup(String path) {
      return byPath.keySet().stream().anyMatch(key -> key.startsWith(path + "/"));
    }

    @Override
    public long count(String path) {
      return byPath.keySet().stream().filter(key -> key.startsWith(path + "/")).count();
    }
  }
}
