package io.alphorn.compiler.graph;

import java.util.List;
import java.util.Map;

/** Convolutions and poolings: operators that slide a window over channels-first images. */
public interface Windows extends NeuralOperators {
  private Shape slide(Shape x, Window window, Dim channels) {
    Shape shape = x.with(1, channels);
    for (int i = 0; i < window.spatialRank(); i++) {
      Dim dim = x.dim(2 + i);
      shape = shape.with(2 + i, dim.isKnown() ? Dim.of(window.length(i, dim.size())) : freshDim());
    }
    return shape;
  }

  /** {@code x} is [N, C, …], {@code kernel} [M, C / groups, …], {@code bias} [M] or NONE. */
  default Value conv(Value x, Value kernel, Value bias, Window window, long groups) {
    Map<String, Attribute> attributes = window.attributes();
    attributes.put("group", Attribute.of(groups));
    List<Value> inputs = bias.isPresent() ? List.of(x, kernel, bias) : List.of(x, kernel);
    return emit("Conv", attributes, inputs, x.dtype(), slide(x.shape(), window, kernel.dim(0)));
  }

  /**
   * {@code x} is [N, C, …], {@code kernel} [C, M / groups, …]; {@code before} and {@code after} of
   * the window are cut from the output, {@code outputPadding} is added at its end.
   */
  default Value convTranspose(
      Value x, Value kernel, Value bias, Window window, List<Long> outputPadding, long groups) {
    Map<String, Attribute> attributes = window.attributes();
    attributes.put("group", Attribute.of(groups));
    attributes.put("output_padding", new Attribute.Ints(outputPadding));
    Shape shape = x.shape().with(1, kernel.shape().size(1) * groups);
    for (int i = 0; i < window.spatialRank(); i++) {
      Dim dim = x.dim(2 + i);
      long reach = (window.size().get(i) - 1) * window.dilations().get(i) + 1;
      long trimmed = window.before().get(i) + window.after().get(i) - outputPadding.get(i);
      Dim length =
          dim.isKnown()
              ? Dim.of((dim.size() - 1) * window.strides().get(i) + reach - trimmed)
              : freshDim();
      shape = shape.with(2 + i, length);
    }
    List<Value> inputs = bias.isPresent() ? List.of(x, kernel, bias) : List.of(x, kernel);
    return emit("ConvTranspose", attributes, inputs, x.dtype(), shape);
  }

  default Value maxPool(Value x, Window window) {
    Shape shape = slide(x.shape(), window, x.dim(1));
    return emit("MaxPool", window.attributes(), List.of(x), x.dtype(), shape);
  }

  /** The mean of each window's elements; padding does not count. */
  default Value averagePool(Value x, Window window) {
    Map<String, Attribute> attributes = window.attributes();
    attributes.put("count_include_pad", Attribute.of(0));
    Shape shape = slide(x.shape(), window, x.dim(1));
    return emit("AveragePool", attributes, List.of(x), x.dtype(), shape);
  }
}
