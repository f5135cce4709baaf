package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.compiler.layers.Convolutions;
import io.alphorn.compiler.layers.PoolingLayers;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code keras.ops.nn}: convolutions and poolings, over one, two or three spatial axes. */
public final class WindowOps {
  private WindowOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "Conv", WindowOps::conv).parameters("inputs", "kernel"),
        Lowering.operation("nn", "DepthwiseConv", WindowOps::depthwiseConv)
            .parameters("inputs", "kernel"),
        Lowering.operation("nn", "SeparableConv", WindowOps::separableConv)
            .parameters("inputs", "depthwise_kernel", "pointwise_kernel"),
        Lowering.operation("nn", "ConvTranspose", WindowOps::convTranspose)
            .parameters("inputs", "kernel"),
        Lowering.operation("nn", "MaxPool", call -> pool(call, GraphBuilder::maxPool))
            .parameters("inputs"),
        Lowering.operation("nn", "AveragePool", call -> pool(call, GraphBuilder::averagePool))
            .parameters("inputs"),
        Lowering.operation("nn", "AdaptiveMaxPool", call -> adaptivePool(call, false))
            .parameters("inputs"),
        Lowering.operation("nn", "AdaptiveAveragePool", call -> adaptivePool(call, true))
            .parameters("inputs"));
  }

  static ChannelLayout layout(Operands operands) {
    return ChannelLayout.of(operands.string("data_format", "channels_last"));
  }

  /** One number for each spatial axis; a single one stands for all. */
  static List<Long> sizes(Operands operands, String name, int rank, long otherwise) {
    if (!operands.has(name)) {
      return Collections.nCopies(rank, otherwise);
    }
    List<Long> sizes = operands.integers(name);
    if (sizes.size() == 1) {
      return Collections.nCopies(rank, sizes.getFirst());
    }
    if (sizes.size() != rank) {
      throw AlphornException.invalidArgument(
          "argument '%s' must be one number or %d, found %s", name, rank, sizes);
    }
    return sizes;
  }

  private static Window plain(Operands operands, Value kernel) {
    int rank = kernel.rank() - 2;
    List<Long> size =
        kernel.shape().subShape(0, rank).dims().stream().map(dim -> dim.size()).toList();
    return Window.valid(
        size, sizes(operands, "strides", rank, 1), sizes(operands, "dilation_rate", rank, 1));
  }

  private static String padding(Operands operands) {
    return operands.string("padding", "valid").toLowerCase(Locale.ROOT);
  }

  private static Window window(Operands operands, Value x, Value kernel) {
    return Convolutions.padded(plain(operands, kernel), padding(operands), layout(operands), x);
  }

  private static Nested<KerasTensor> conv(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value kernel = operands.get("kernel").as(x.dtype());
    Window window = window(operands, x, kernel);
    return output(
        layout(operands)
            .around(g, x, first -> Convolutions.convolve(g, first, kernel, Value.NONE, window)));
  }

  private static Nested<KerasTensor> depthwiseConv(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value kernel = operands.get("kernel").as(x.dtype());
    Window window = window(operands, x, kernel);
    return output(
        layout(operands)
            .around(g, x, first -> Convolutions.depthwise(g, first, kernel, Value.NONE, window)));
  }

  private static Nested<KerasTensor> separableConv(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value depthwise = operands.get("depthwise_kernel").as(x.dtype());
    Value pointwise = operands.get("pointwise_kernel").as(x.dtype());
    Window window = window(operands, x, depthwise);
    return output(
        layout(operands)
            .around(
                g,
                x,
                first ->
                    Convolutions.separable(g, first, depthwise, pointwise, Value.NONE, window)));
  }

  private static Nested<KerasTensor> convTranspose(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value kernel = operands.get("kernel").as(x.dtype());
    Window window = plain(operands, kernel);
    Optional<List<Long>> added =
        operands.has("output_padding")
            ? Optional.of(sizes(operands, "output_padding", x.rank() - 2, 0))
            : Optional.empty();
    return output(
        layout(operands)
            .around(
                g,
                x,
                first ->
                    Convolutions.transposed(
                        g, first, kernel, Value.NONE, window, padding(operands), added)));
  }

  /** ONNX's pooling operator over a channels-first image. */
  @FunctionalInterface
  private interface Pool {
    Value apply(GraphBuilder g, Value x, Window window);
  }

  private static Nested<KerasTensor> pool(OperationCall call, Pool pool) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    int rank = x.rank() - 2;
    List<Long> size = sizes(operands, "pool_size", rank, 1);
    List<Long> strides = operands.has("strides") ? sizes(operands, "strides", rank, 1) : size;
    ChannelLayout layout = layout(operands);
    Window window =
        Convolutions.padded(
            Window.valid(size, strides, Collections.nCopies(rank, 1L)),
            padding(operands),
            layout,
            x);
    return output(layout.around(g, x, first -> pool.apply(g, first, window)));
  }

  private static Nested<KerasTensor> adaptivePool(OperationCall call, boolean average) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    List<Long> sizes = sizes(operands, "output_size", x.rank() - 2, 1);
    return output(PoolingLayers.adaptive(call.graph(), x, layout(operands), sizes, average));
  }
}
