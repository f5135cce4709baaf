package io.alphorn.compiler.layers;

import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.List;

/**
 * Tells whether a layer might compute one sample of a batch from others. Of Keras's layers none
 * does at inference, BatchNormalization does in training; operations in a model of the user's may,
 * as a mean over axis 0 does.
 */
final class MixesSamples {
  private MixesSamples() {}

  static boolean may(SerializedObject layer, boolean training) {
    if (!TopologyReader.isModel(layer)) {
      return layer.isOperation() || (training && layer.className().equals("BatchNormalization"));
    }
    List<SerializedObject> layers =
        switch (TopologyReader.read(layer)) {
          case Topology.Sequential sequential -> sequential.layers();
          case Topology.Functional functional ->
              functional.layers().stream().map(node -> node.layer()).toList();
        };
    return layers.stream().anyMatch(inner -> may(inner, training));
  }
}
