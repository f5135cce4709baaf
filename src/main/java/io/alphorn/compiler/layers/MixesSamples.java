package io.alphorn.compiler.layers;

import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.Topology;
import io.alphorn.keras.TopologyReader;
import java.util.List;

/**
 * Tells whether a layer might compute one sample of a batch from others. Keras's layers do not at
 * inference; operations in a model of the user's may, as a mean over axis 0 does.
 */
final class MixesSamples {
  private MixesSamples() {}

  static boolean may(SerializedObject layer) {
    if (!TopologyReader.isModel(layer)) {
      return layer.isOperation();
    }
    List<SerializedObject> layers =
        switch (TopologyReader.read(layer)) {
          case Topology.Sequential sequential -> sequential.layers();
          case Topology.Functional functional ->
              functional.layers().stream().map(node -> node.layer()).toList();
        };
    return layers.stream().anyMatch(MixesSamples::may);
  }
}
