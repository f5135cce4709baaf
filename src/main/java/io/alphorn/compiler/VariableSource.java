package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;
import io.alphorn.archive.WeightStore;
import java.util.Optional;

/** Where a model's variables come from, by the paths that Keras 3 gives them. */
interface VariableSource {
  /** The array at {@code path}, for a layer whose config asks for {@code shape}. */
  Optional<StoredTensor> find(String path, long[] shape);

  /** The array at {@code path}, whatever its shape. */
  Optional<StoredTensor> find(String path);

  /** Whether there is a group of arrays at {@code path}. */
  boolean hasGroup(String path);

  /** How many numbered arrays the group at {@code path} holds. */
  long count(String path);

  static VariableSource of(WeightStore store) {
    return new VariableSource() {
      @Override
      public Optional<StoredTensor> find(String path, long[] shape) {
        return store.find(path);
      }

      @Override
      public Optional<StoredTensor> find(String path) {
        return store.find(path);
      }

      @Override
      public boolean hasGroup(String path) {
        return store.hasGroup(path);
      }

      @Override
      public long count(String path) {
        return store.hasGroup(path)
            ? store.tensors(path).stream().filter(name -> name.matches("\\d+")).count()
            : 0;
      }
    };
  }
}
