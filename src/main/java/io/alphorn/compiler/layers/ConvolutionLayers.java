package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** {@code keras.layers.convolutional}: https://keras.io/api/layers/convolution_layers/ */
public final class ConvolutionLayers {
  private ConvolutionLayers() {}

  public static void register(LoweringRegistry registry) {
    for (int spatial = 1; spatial <= 3; spatial++) {
      int rank = spatial;
      registry.add(
          layer("Conv" + rank + "D", call -> convolution(call, rank))
              .arguments(
                  "filters",
                  "kernel_size",
                  "strides",
                  "padding",
                  "data_format",
                  "dilation_rate",
                  "groups",
                  "activation",
                  "use_bias",
                  "rank"));
      registry.add(
          layer("Conv" + rank + "DTranspose", call -> transposed(call, rank))
              .arguments(
                  "filters",
                  "kernel_size",
                  "strides",
                  "padding",
                  "output_padding",
                  "data_format",
                  "dilation_rate",
                  "groups",
                  "activation",
                  "use_bias",
                  "rank"));
    }
    for (int spatial = 1; spatial <= 2; spatial++) {
      int rank = spatial;
      registry.add(
          layer("DepthwiseConv" + rank + "D", call -> depthwise(call, rank))
              .arguments(
                  "kernel_size",
                  "strides",
                  "padding",
                  "depth_multiplier",
                  "data_format",
                  "dilation_rate",
                  "activation",
                  "use_bias",
                  "rank",
                  "groups",
                  "filters"));
      registry.add(
          layer("SeparableConv" + rank + "D", call -> separable(call, rank))
              .arguments(
                  "filters",
                  "kernel_size",
                  "strides",
                  "padding",
                  "data_format",
                  "dilation_rate",
                  "depth_multiplier",
                  "activation",
                  "use_bias",
                  "rank",
                  "groups"));
    }
  }

  private static Lowering layer(String name, Lowering.Function function) {
    return Lowering.layer(name, function).masking(Masking.STOP);
  }

  /** The window that the config describes, over an input in the layer's layout. */
  private static Window window(OperationCall call, Value x, int rank) {
    Config config = call.config();
    Window window = plain(config, rank);
    String padding = config.string("padding", "valid");
    return padding.equals("causal")
        ? window.padded(
            List.of((window.size().getFirst() - 1) * window.dilations().getFirst()), List.of(0L))
        : Convolutions.padded(window, padding, ChannelLayout.of(call), x);
  }

  private static Window plain(Config config, int rank) {
    return Window.valid(
        config.integers("kernel_size", rank, 1),
        config.integers("strides", rank, 1),
        config.integers("dilation_rate", rank, 1));
  }

  private static long channels(OperationCall call, Value x) {
    return x.shape().size(ChannelLayout.of(call).channelAxis(x.rank()));
  }

  private static long[] kernelShape(Window window, long... channels) {
    long[] shape = new long[window.size().size() + channels.length];
    for (int i = 0; i < window.size().size(); i++) {
      shape[i] = window.size().get(i);
    }
    System.arraycopy(channels, 0, shape, window.size().size(), channels.length);
    return shape;
  }

  private static Value bias(OperationCall call, long filters) {
    return call.config().bool("use_bias", true) ? call.weight("bias", filters) : Value.NONE;
  }

  private static Nested<KerasTensor> convolution(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long groups = call.config().integer("groups", 1);
    long filters = call.config().integer("filters");
    Value kernel = call.weight("kernel", kernelShape(window, channels(call, x) / groups, filters));
    Value bias = bias(call, filters);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(g, x, first -> Convolutions.convolve(g, first, kernel, bias, window)));
  }

  private static Nested<KerasTensor> activated(OperationCall call, Value x) {
    return output(call.activate("activation", x));
  }

  private static Nested<KerasTensor> depthwise(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long channels = channels(call, x);
    long multiplier = call.config().integer("depth_multiplier", 1);
    Value kernel = call.weight("kernel", kernelShape(window, channels, multiplier));
    Value bias = bias(call, channels * multiplier);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(g, x, first -> Convolutions.depthwise(g, first, kernel, bias, window)));
  }

  private static Nested<KerasTensor> separable(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long channels = channels(call, x);
    long multiplier = call.config().integer("depth_multiplier", 1);
    long filters = call.config().integer("filters");
    Value depthwise = call.weight("depthwise_kernel", kernelShape(window, channels, multiplier));
    List<Long> ones = Collections.nCopies(rank, 1L);
    Window point = Window.valid(ones, ones, ones);
    Value pointwise =
        call.weight("pointwise_kernel", kernelShape(point, channels * multiplier, filters));
    Value bias = bias(call, filters);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(
                g,
                x,
                first -> Convolutions.separable(g, first, depthwise, pointwise, bias, window)));
  }

  private static Nested<KerasTensor> transposed(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = g.cast(call.input(), call.computeType());
    long groups = config.integer("groups", 1);
    if (groups != 1) {
      throw config.unsupported("groups");
    }
    long filters = config.integer("filters");
    Window window = plain(config, rank);
    Value kernel = call.weight("kernel", kernelShape(window, filters, channels(call, x)));
    Value bias = bias(call, filters);
    Optional<List<Long>> added =
        config.has("output_padding")
            ? Optional.of(config.integers("output_padding", rank, 0))
            : Optional.empty();
    String padding = config.string("padding", "valid");
    return activated(
        call,
        ChannelLayout.of(call)
            .around(
                g,
                x,
                first -> Convolutions.transposed(g, first, kernel, bias, window, padding, added)));
  }
}
