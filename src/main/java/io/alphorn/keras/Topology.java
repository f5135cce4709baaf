package io.alphorn.keras;

import java.util.List;

/** How a model is put together from layers. */
public sealed interface Topology {
  String name();

  /** A graph of layer calls. Only what the outputs need is listed, as Keras saves it. */
  record Functional(
      String name,
      List<LayerNode> layers,
      Nested<TensorReference> inputs,
      Nested<TensorReference> outputs)
      implements Topology {}

  /** Layers that each take what the one before gives. */
  record Sequential(String name, List<SerializedObject> layers) implements Topology {}
}
