package io.alphorn.archive;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Named arrays under slash paths, as Keras lays them out in {@code model.weights.h5}: {@code
 * layers/dense/vars/0}. The empty path is the root.
 */
public interface WeightStore {
  /**
   * Opens weights alone: {@code .weights.h5} of Keras 3 or 2, {@code .weights.json} with its shards
   * beside it, {@code .npz}, or those of a whole model ({@code .keras}, {@code .h5}).
   *
   * @throws io.alphorn.error.AlphornException as {@link KerasArchive#open(Path, ArchiveLimits)}
   */
  static WeightStore open(Path path, ArchiveLimits limits) {
    return Formats.openWeights(path, new Budget(limits));
  }

  /** The array at {@code path}, if there is one. */
  Optional<StoredTensor> find(String path);

  /** Whether {@code path} is a group. */
  boolean hasGroup(String path);

  /** The names of the groups directly in the group at {@code path}, in the file's order. */
  List<String> groups(String path);

  /**
   * The names of the arrays directly in the group at {@code path}, as {@code 0}, {@code 1} or
   * {@code idf_weights}, in the file's order: HDF5 sorts by name, so that {@code 10} comes before
   * {@code 2}.
   */
  List<String> tensors(String path);

  /** The text attribute {@code name} of the group or array at {@code path}. */
  Optional<String> attribute(String path, String name);

  /**
   * The same arrays in the order that legacy files give them; empty for files that Keras matches by
   * path.
   */
  Optional<LegacyWeights> legacy();
}
