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
import io.alphorn.compiler.ops.Addition;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import java.util.Arrays;
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
    Convolution convolution =
        (image, addend) -> Convolutions.convolve(g, image, kernel, addend, window);
    return rank == 3 || groups > 1
        ? convolvedByTensorFlow(call, x, bias, convolution)
        : convolved(call, x, bias, convolution);
  }

  /** A convolution of a channels-first image, given the image and the bias or none. */
  @FunctionalInterface
  private interface Convolution {
    Value apply(Value x, Value bias);
  }

  /** The convolution in the layer's layout, with its bias and its activation. */
  private static Nested<KerasTensor> convolved(
      OperationCall call, Value x, Value bias, Convolution convolution) {
    GraphBuilder g = call.graph();
    return output(
        call.activate(
            "activation",
            ChannelLayout.of(call).around(g, x, image -> convolution.apply(image, bias))));
  }

  /**
   * Like {@link #convolved}, for those convolutions that TensorFlow computes channels-first on a
   * CPU: Keras adds their bias by {@link Addition}, which may take the width for the channels.
   */
  private static Nested<KerasTensor> convolvedByTensorFlow(
      OperationCall call, Value x, Value bias, Convolution convolution) {
    if (ChannelLayout.of(call) == ChannelLayout.LAST || !bias.isPresent()) {
      return convolved(call, x, bias, convolution);
    }
    GraphBuilder g = call.graph();
    long[] aligned = new long[x.rank()];
    Arrays.fill(aligned, 1);
    aligned[1] = bias.shape().size(0);
    Value sum = Addition.add(g, convolution.apply(x, Value.NONE), g.reshape(bias, aligned));
    return output(call.activate("activation", sum));
  }

  private static Nested<KerasTensor> depthwise(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long channels = channels(call, x);
    long multiplier = call.config().integer("depth_multiplier", 1);
    Value kernel = call.weight("kernel", kernelShape(window, channels, multiplier));
    Value bias = bias(call, channels * multiplier);
    return convolvedByTensorFlow(
        call, x, bias, (image, addend) -> Convolutions.depthwise(g, image, kernel, addend, window));
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
    return convolvedByTensorFlow(
        call,
        x,
        bias,
        (image, addend) -> Convolutions.separable(g, image, depthwise, pointwise, addend, window));
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
    return convolved(
        call,
        x,
        bias,
        (image, addend) ->
            Convolutions.transposed(g, image, kernel, addend, window, padding, added));
  }
}
