package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
    List<Long> size = config.integers("kernel_size", rank, 1);
    List<Long> strides = config.integers("strides", rank, 1);
    List<Long> dilations = config.integers("dilation_rate", rank, 1);
    Window window = Window.valid(size, strides, dilations);
    return switch (config.string("padding", "valid")) {
      case "valid" -> window;
      case "same" -> Window.same(size, strides, dilations, ChannelLayout.of(call).spatialDims(x));
      case "causal" ->
          window.padded(List.of((size.getFirst() - 1) * dilations.getFirst()), List.of(0L));
      default -> throw config.unsupported("padding");
    };
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

  /** From [sizes…, in, out] to ONNX's [out, in, sizes…]. */
  private static Value outputFirst(GraphBuilder g, Value kernel) {
    return g.moveAxis(g.moveAxis(kernel, -1, 0), -1, 1);
  }

  private static Nested<KerasTensor> convolution(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long groups = call.config().integer("groups", 1);
    long filters = call.config().integer("filters");
    Value kernel =
        outputFirst(
            g, call.weight("kernel", kernelShape(window, channels(call, x) / groups, filters)));
    Value bias = bias(call, filters);
    return activated(
        call,
        ChannelLayout.of(call).around(g, x, first -> g.conv(first, kernel, bias, window, groups)));
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
    Value kernel = depthwiseKernel(call, "kernel", window, channels, multiplier);
    Value bias = bias(call, channels * multiplier);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(g, x, first -> g.conv(first, kernel, bias, window, channels)));
  }

  /** From [sizes…, channels, multiplier] to [channels * multiplier, 1, sizes…]. */
  private static Value depthwiseKernel(
      OperationCall call, String name, Window window, long channels, long multiplier) {
    GraphBuilder g = call.graph();
    Value kernel = call.weight(name, kernelShape(window, channels, multiplier));
    Value first = g.moveAxis(g.moveAxis(kernel, -1, 0), -1, 0);
    return g.reshape(first, new Shape(groupedDims(window, channels * multiplier)));
  }

  private static List<Dim> groupedDims(Window window, long filters) {
    List<Dim> dims = new ArrayList<>(List.of(Dim.of(filters), Dim.of(1)));
    window.size().forEach(size -> dims.add(Dim.of(size)));
    return dims;
  }

  private static Nested<KerasTensor> separable(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Window window = window(call, x, rank);
    long channels = channels(call, x);
    long multiplier = call.config().integer("depth_multiplier", 1);
    long filters = call.config().integer("filters");
    Value depthwise = depthwiseKernel(call, "depthwise_kernel", window, channels, multiplier);
    List<Long> ones = Collections.nCopies(rank, 1L);
    Window point = Window.valid(ones, ones, ones);
    Value pointwise =
        outputFirst(
            g, call.weight("pointwise_kernel", kernelShape(point, channels * multiplier, filters)));
    Value bias = bias(call, filters);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(
                g,
                x,
                first ->
                    g.conv(
                        g.conv(first, depthwise, Value.NONE, window, channels),
                        pointwise,
                        bias,
                        point,
                        1)));
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
    Window plain =
        Window.valid(
            config.integers("kernel_size", rank, 1),
            config.integers("strides", rank, 1),
            config.integers("dilation_rate", rank, 1));
    Value kernel = call.weight("kernel", kernelShape(plain, filters, channels(call, x)));
    Value inputFirst = outputFirst(g, kernel);
    Value bias = bias(call, filters);
    TransposedPadding padding = TransposedPadding.of(config, plain);
    return activated(
        call,
        ChannelLayout.of(call)
            .around(
                g,
                x,
                first ->
                    g.convTranspose(
                        first,
                        inputFirst,
                        bias,
                        plain.padded(padding.before(), padding.after()),
                        padding.added(),
                        1)));
  }

  /**
   * What a transposed convolution cuts from its full output and what it adds, so that it has the
   * size that Keras gives it ({@code backend_utils._get_output_shape_given_tf_padding}). The
   * input's size has no part in it.
   */
  private record TransposedPadding(List<Long> before, List<Long> after, List<Long> added) {
    static TransposedPadding of(Config config, Window window) {
      List<Long> before = new ArrayList<>();
      List<Long> after = new ArrayList<>();
      List<Long> added = new ArrayList<>();
      boolean same = config.string("padding", "valid").equals("same");
      for (int i = 0; i < window.size().size(); i++) {
        long reach = (window.size().get(i) - 1) * window.dilations().get(i) + 1;
        long stride = window.strides().get(i);
        long excess = -growth(config, i, window.size().size(), reach, stride, same);
        before.add(Math.max(0, excess / 2));
        after.add(Math.max(0, excess - excess / 2));
        added.add(Math.max(0, -excess));
      }
      return new TransposedPadding(before, after, added);
    }

    /** How much longer the output is than {@code (input - 1) * stride + reach}. */
    private static long growth(
        Config config, int axis, int rank, long reach, long stride, boolean same) {
      if (!config.has("output_padding")) {
        return same ? stride - reach : Math.max(reach, stride) - reach;
      }
      long padding = config.integers("output_padding", rank, 0).get(axis);
      return same ? reach % 2 + padding - reach : padding;
    }
  }
}
