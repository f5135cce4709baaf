package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * {@code keras.ops.add} as Keras computes it with TensorFlow ({@code
 * keras/src/backend/tensorflow/numpy.py}): a second tensor that has one axis longer than 1 counts
 * as a bias of the first tensor's channels, last or first, whatever axis it would broadcast along.
 */
public final class Addition {
  private Addition() {}

  /** The sum of two tensors of one type. */
  public static Value add(GraphBuilder g, Value x1, Value x2) {
    OptionalInt channels = divertedAxis(x1.shape(), x2.shape());
    if (channels.isEmpty()) {
      return g.add(x1, x2);
    }
    long[] aligned = new long[x1.rank()];
    Arrays.fill(aligned, 1);
    aligned[channels.getAsInt()] = x1.shape().size(channels.getAsInt());
    return g.add(x1, g.reshape(x2, aligned));
  }

  /** The axis that the second tensor is added along, where broadcasting would choose another. */
  public static OptionalInt divertedAxis(Shape x1, Shape x2) {
    List<Dim> longer = x2.dims().stream().filter(dim -> !dim.equals(Dim.of(1))).toList();
    if (x1.rank() < 2 || x2.rank() > x1.rank() || longer.size() != 1) {
      return OptionalInt.empty();
    }
    Dim size = longer.getFirst();
    int last = x1.rank() - 1;
    int channels = x1.dim(last).equals(size) ? last : 1;
    int broadcast = x1.rank() - x2.rank() + x2.dims().indexOf(size);
    boolean diverted = size.isKnown() && x1.dim(channels).equals(size) && channels != broadcast;
    return diverted ? OptionalInt.of(channels) : OptionalInt.empty();
  }
}
