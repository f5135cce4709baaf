package io.alphorn.compiler;

import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.graph.Shape;
import java.util.List;

/**
 * What {@code model.summary()} tells of a model (Keras's {@code summary_utils.print_summary}).
 *
 * @param layers in Keras's order; the operations of a functional model are among them
 * @param isChain whether each layer takes what the one before gives, so that connections go without
 *     saying
 */
public record ModelOutline(
    String name, List<Layer> layers, boolean isChain, Size trainable, Size nonTrainable) {
  public ModelOutline {
    layers = List.copyOf(layers);
  }

  /** Variables' elements and bytes. */
  public record Size(long parameters, long bytes) {
    static Size of(List<ModelVariable> variables) {
      return new Size(
          variables.stream().mapToLong(ModelVariable::elements).sum(),
          variables.stream().mapToLong(ModelVariable::bytes).sum());
    }

    public Size plus(Size other) {
      return new Size(parameters + other.parameters, bytes + other.bytes);
    }
  }

  /**
   * A tensor that a layer is called on.
   *
   * @param layer which gives it
   * @param call which of that layer's calls
   * @param output which of that call's outputs
   */
  public record Connection(String layer, int call, int output) {}

  /**
   * A layer or an operation.
   *
   * @param outputShapes of its last call; empty where no call tells them
   * @param connections the tensors it is called on, call by call
   * @param layers those of a nested model
   */
  public record Layer(
      String name,
      String className,
      List<Shape> outputShapes,
      long parameters,
      boolean trainable,
      List<Connection> connections,
      List<Layer> layers) {
    public Layer {
      outputShapes = List.copyOf(outputShapes);
      connections = List.copyOf(connections);
      layers = List.copyOf(layers);
    }
  }

  /**
   * The outline of a model that can be compiled.
   *
   * @param variables all of the model's
   */
  public static ModelOutline of(KerasArchive archive, List<ModelVariable> variables) {
    return new OutlineReader(archive, variables).read();
  }
}
