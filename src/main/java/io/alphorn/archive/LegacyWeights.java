package io.alphorn.archive;

import java.util.List;

/**
 * Weights as whole-model {@code .h5} files and Keras 2's {@code save_weights} hold them: an ordered
 * list a layer, matched with the model's layers by order (Keras's {@code legacy_h5_format.py}).
 *
 * @param kerasVersion that wrote the file; {@code 1} where the file does not say
 * @param layers in the order of the model's layers, those without weights included
 * @param topLevel weights of the model itself that no layer holds; usually empty
 */
public record LegacyWeights(
    String kerasVersion, List<LayerWeights> layers, List<StoredTensor> topLevel) {

  public LegacyWeights {
    layers = List.copyOf(layers);
    topLevel = List.copyOf(topLevel);
  }

  /**
   * The weights of one layer, in the order of its {@code weight_names}: trainable before
   * non-trainable.
   *
   * @param layerName the layer's own name
   */
  public record LayerWeights(String layerName, List<StoredTensor> tensors) {
    public LayerWeights {
      tensors = List.copyOf(tensors);
    }
  }
}
