package io.alphorn.compiler.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the window of a convolution or a pooling moves over the spatial axes.
 *
 * @param before padding at the start of each spatial axis
 * @param after padding at the end of each
 * @param padsAtRun whether ONNX is to find the padding in each run, for "same" over sizes that are
 *     not known
 */
public record Window(
    List<Long> size,
    List<Long> strides,
    List<Long> dilations,
    List<Long> before,
    List<Long> after,
    boolean padsAtRun) {
  /** A window without padding. */
  public static Window valid(List<Long> size, List<Long> strides, List<Long> dilations) {
    List<Long> none = Collections.nCopies(size.size(), 0L);
    return new Window(size, strides, dilations, none, none, false);
  }

  /**
   * TensorFlow's "same": outputs of ⌈input / stride⌉, the padding split with the larger half at the
   * end.
   *
   * @param spatial the input's spatial dimensions
   */
  public static Window same(
      List<Long> size, List<Long> strides, List<Long> dilations, List<Dim> spatial) {
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    for (int i = 0; i < size.size(); i++) {
      long reach = (size.get(i) - 1) * dilations.get(i) + 1;
      long stride = strides.get(i);
      if (!spatial.get(i).isKnown() && stride > 1) {
        List<Long> none = Collections.nCopies(size.size(), 0L);
        return new Window(size, strides, dilations, none, none, true);
      }
      long input = spatial.get(i).isKnown() ? spatial.get(i).size() : 1;
      long total = Math.max(0, (Math.ceilDiv(input, stride) - 1) * stride + reach - input);
      before.add(total / 2);
      after.add(total - total / 2);
    }
    return new Window(size, strides, dilations, before, after, false);
  }

  /** Other padding. */
  public Window padded(List<Long> newBefore, List<Long> newAfter) {
    return new Window(size, strides, dilations, newBefore, newAfter, false);
  }

  int spatialRank() {
    return size.size();
  }

  Map<String, Attribute> attributes() {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("kernel_shape", new Attribute.Ints(size));
    attributes.put("strides", new Attribute.Ints(strides));
    attributes.put("dilations", new Attribute.Ints(dilations));
    if (padsAtRun) {
      attributes.put("auto_pad", Attribute.of("SAME_UPPER"));
      return attributes;
    }
    List<Long> pads = new ArrayList<>(before);
    pads.addAll(after);
    attributes.put("pads", new Attribute.Ints(pads));
    return attributes;
  }

  long length(int axis, long input) {
    if (padsAtRun) {
      return Math.ceilDiv(input, strides.get(axis));
    }
    long reach = (size.get(axis) - 1) * dilations.get(axis) + 1;
    long padded = input + before.get(axis) + after.get(axis);
    return padded < reach ? 0 : (padded - reach) / strides.get(axis) + 1;
  }
}
