package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Convolutions of channels-first images with kernels as Keras shapes them, for layers and
 * operations. A bias may be {@link Value#NONE}.
 */
public final class Convolutions {
  private Convolutions() {}

  /** A window with the padding that Keras calls "valid" or "same", over {@code x} in a layout. */
  public static Window padded(Window window, String padding, ChannelLayout layout, Value x) {
    return switch (padding) {
      case "valid" -> window;
      case "same" ->
          Window.same(window.size(), window.strides(), window.dilations(), layout.spatialDims(x));
      default ->
          throw AlphornException.unimplemented(
              "argument 'padding' = \"%s\" is not supported", padding);
    };
  }

  /**
   * From [sizes…, in, out] to ONNX's [out, in, sizes…]; with fewer channels in than {@code x} has,
   * in groups.
   */
  public static Value convolve(GraphBuilder g, Value x, Value kernel, Value bias, Window window) {
    long groups = x.shape().size(1) / kernel.shape().size(-2);
    return g.conv(x, outputFirst(g, kernel), bias, window, groups);
  }

  private static Value outputFirst(GraphBuilder g, Value kernel) {
    return g.moveAxis(g.moveAxis(kernel, -1, 0), -1, 1);
  }

  /** From [sizes…, channels, multiplier] to ONNX's [channels * multiplier, 1, sizes…]. */
  public static Value depthwise(GraphBuilder g, Value x, Value kernel, Value bias, Window window) {
    long channels = kernel.shape().size(-2);
    Value first = g.moveAxis(g.moveAxis(kernel, -1, 0), -1, 0);
    List<Dim> dims =
        new ArrayList<>(List.of(Dim.of(channels * kernel.shape().size(-1)), Dim.of(1)));
    dims.addAll(first.shape().dims().subList(2, first.rank()));
    return g.conv(x, g.reshape(first, new Shape(dims)), bias, window, channels);
  }

  /** A depthwise convolution, then one of windows of one element. */
  public static Value separable(
      GraphBuilder g, Value x, Value depthwise, Value pointwise, Value bias, Window window) {
    List<Long> ones = Collections.nCopies(window.size().size(), 1L);
    Value spread = depthwise(g, x, depthwise, Value.NONE, window);
    return convolve(g, spread, pointwise, bias, Window.valid(ones, ones, ones));
  }

  /** With a kernel of [sizes…, out, in]. */
  public static Value transposed(
      GraphBuilder g,
      Value x,
      Value kernel,
      Value bias,
      Window window,
      String padding,
      Optional<List<Long>> outputPadding) {
    TransposedPadding pads = TransposedPadding.of(window, padding, outputPadding);
    return g.convTranspose(
        x,
        outputFirst(g, kernel),
        bias,
        window.padded(pads.before(), pads.after()),
        pads.added(),
        1);
  }

  /**
   * What a transposed convolution cuts from its full output and what it adds, so that it has the
   * size that Keras gives it ({@code backend_utils._get_output_shape_given_tf_padding}). The
   * input's size has no part in it.
   */
  private record TransposedPadding(List<Long> before, List<Long> after, List<Long> added) {
    static TransposedPadding of(Window window, String padding, Optional<List<Long>> outputPadding) {
      List<Long> before = new ArrayList<>();
      List<Long> after = new ArrayList<>();
      List<Long> added = new ArrayList<>();
      boolean same = padding.equals("same");
      for (int i = 0; i < window.size().size(); i++) {
        long reach = (window.size().get(i) - 1) * window.dilations().get(i) + 1;
        long stride = window.strides().get(i);
        int axis = i;
        Optional<Long> given = outputPadding.map(all -> all.get(axis));
        long excess = -growth(given, reach, stride, same);
        before.add(Math.max(0, excess / 2));
        after.add(Math.max(0, excess - excess / 2));
        added.add(Math.max(0, -excess));
      }
      return new TransposedPadding(before, after, added);
    }

    /** How much longer the output is than {@code (input - 1) * stride + reach}. */
    private static long growth(Optional<Long> padding, long reach, long stride, boolean same) {
      if (padding.isEmpty()) {
        return same ? stride - reach : Math.max(reach, stride) - reach;
      }
      return same ? reach % 2 + padding.get() - reach : padding.get();
    }
  }
}
