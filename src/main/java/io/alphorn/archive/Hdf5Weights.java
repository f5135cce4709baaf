package io.alphorn.archive;

import java.util.List;
import java.util.Optional;

/**
 * Weights in one HDF5 file.
 *
 * @param root the group that paths start from
 */
record Hdf5Weights(Hdf5Group root, Optional<LegacyWeights> legacy) implements WeightStore {
  /** What Keras 2.12 called {@code layers}; Keras reads it in the same way. */
  private static final String OLD_LAYERS = "_layer_checkpoint_dependencies";

  static WeightStore read(Bytes file, Budget budget) {
    Hdf5Group root = Hdf5File.read(file, budget);
    return new Hdf5Weights(root, LegacyHdf5.find(file.name(), root));
  }

  @Override
  public Optional<StoredTensor> find(String path) {
    return root.dataset(inFile(path)).map(StoredTensor.class::cast);
  }

  @Override
  public boolean hasGroup(String path) {
    return root.group(inFile(path)).isPresent();
  }

  @Override
  public List<String> groups(String path) {
    return root.group(inFile(path))
        .map(group -> List.copyOf(group.groups().keySet()))
        .orElse(List.of());
  }

  @Override
  public List<String> tensors(String path) {
    return root.group(inFile(path))
        .map(group -> List.copyOf(group.datasets().keySet()))
        .orElse(List.of());
  }

  @Override
  public Optional<String> attribute(String path, String name) {
    return root.attribute(inFile(path), name).flatMap(a -> a.texts().stream().findFirst());
  }

  private String inFile(String path) {
    return root.groups().containsKey(OLD_LAYERS) ? path.replace("layers", OLD_LAYERS) : path;
  }
}
