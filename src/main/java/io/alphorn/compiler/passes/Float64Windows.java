package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions and average pooling of float64 in Java, over any number of spatial axes. */
final class Float64Windows {
  /** A window's geometry, from an ONNX node's attributes. */
  private record Geometry(
      long[] kernel, long[] strides, long[] dilations, long[] pads, long groups) {
    static Geometry of(Node node, long[] kernel) {
      int rank = kernel.length;
      long[] ones = new long[rank];
      Arrays.fill(ones, 1);
      return new Geometry(
          kernel,
          ints(node, "strides", ones),
          ints(node, "dilations", ones),
          ints(node, "pads", new long[2 * rank]),
          node.attributes().get("group") instanceof Attribute.Int(long groups) ? groups : 1);
    }

    private static long[] ints(Node node, String name, long[] otherwise) {
      return node.attributes().get(name) instanceof Attribute.Ints(List<Long> values)
          ? values.stream().mapToLong(Long::longValue).toArray()
          : otherwise;
    }

    /** The geometry over an input of these sizes: "same" finds its padding in each run. */
    static Geometry over(Node node, long[] kernel, long[] spatial) {
      Geometry fixed = of(node, kernel);
      return new Attribute.Text("SAME_UPPER").equals(node.attributes().get("auto_pad"))
          ? fixed.padded(spatial)
          : fixed;
    }

    private Geometry padded(long[] spatial) {
      int rank = spatial.length;
      long[] same = new long[2 * rank];
      for (int i = 0; i < rank; i++) {
        long reach = (kernel[i] - 1) * dilations[i] + 1;
        long steps = Math.ceilDiv(spatial[i], strides[i]) - 1;
        long total = Math.max(0, steps * strides[i] + reach - spatial[i]);
        same[i] = total / 2;
        same[i + rank] = total - total / 2;
      }
      return new Geometry(kernel, strides, dilations, same, groups);
    }

    /** The output's spatial sizes when the window slides over an input of these. */
    long[] slide(long[] spatial) {
      long[] sizes = new long[spatial.length];
      for (int i = 0; i < sizes.length; i++) {
        long reach = (kernel[i] - 1) * dilations[i] + 1;
        long padded = spatial[i] + pads[i] + pads[i + sizes.length];
        sizes[i] = padded < reach ? 0 : (padded - reach) / strides[i] + 1;
      }
      return sizes;
    }

    /** The position in the input under window element {@code tap}, or -1 in the padding. */
    long source(long[] position, long[] tap, long[] spatial) {
      long index = 0;
      for (int i = 0; i < spatial.length; i++) {
        long at = position[i] * strides[i] + tap[i] * dilations[i] - pads[i];
        if (at < 0 || at >= spatial[i]) {
          return -1;
        }
        index = index * spatial[i] + at;
      }
      return index;
    }
  }

  private Float64Windows() {}

  static @Nullable Value convolve(Node node, GraphBuilder g) {
    return inJava(node, g, inputs -> convolve(node, inputs));
  }

  static @Nullable Value convolveTransposed(Node node, GraphBuilder g) {
    Shape shape = node.outputs().getFirst().shape();
    return inJava(node, g, inputs -> convolveTransposed(node, inputs, shape));
  }

  static @Nullable Value average(Node node, GraphBuilder g) {
    return inJava(node, g, inputs -> average(node, inputs.getFirst()));
  }

  /** One output for a list of inputs. */
  private interface Kernel {
    Tensor apply(List<Tensor> inputs);
  }

  private static @Nullable Value inJava(Node node, GraphBuilder g, Kernel kernel) {
    if (g.isSubgraph()) {
      return null;
    }
    List<Value> inputs = node.inputs().stream().filter(Value::isPresent).toList();
    Shape shape = node.outputs().getFirst().shape();
    return g.host(
        node.operator(), inputs, DType.FLOAT64, shape, tensors -> List.of(kernel.apply(tensors)));
  }

  private static Tensor convolve(Node node, List<Tensor> inputs) {
    long[] x = inputs.get(0).shape();
    long[] w = inputs.get(1).shape();
    long[] spatial = Arrays.copyOfRange(x, 2, x.length);
    Geometry geometry = Geometry.over(node, Arrays.copyOfRange(w, 2, w.length), spatial);
    long[] sizes = geometry.slide(spatial);
    Output output = new Output(x[0], w[0], sizes);
    DoubleBuffer data = doubles(inputs.get(0));
    DoubleBuffer kernel = doubles(inputs.get(1));
    long area = Tensor.elements(spatial);
    long taps = Tensor.elements(geometry.kernel());
    long perGroup = w[0] / geometry.groups();
    output.fill(
        (n, m, position) -> {
          double sum = inputs.size() > 2 ? doubles(inputs.get(2)).get((int) m) : 0;
          long firstChannel = m / perGroup * w[1];
          for (long t = 0; t < taps; t++) {
            long source = geometry.source(position, unravel(t, geometry.kernel()), spatial);
            for (long c = 0; source >= 0 && c < w[1]; c++) {
              double value = data.get((int) ((n * x[1] + firstChannel + c) * area + source));
              sum += value * kernel.get((int) ((m * w[1] + c) * taps + t));
            }
          }
          return sum;
        });
    return output.tensor();
  }

  /** Adds each input element, times the kernel, where a convolution would have read it. */
  private static Tensor convolveTransposed(Node node, List<Tensor> inputs, Shape shape) {
    long[] x = inputs.get(0).shape();
    long[] w = inputs.get(1).shape();
    long[] spatial = Arrays.copyOfRange(x, 2, x.length);
    Geometry geometry = Geometry.of(node, Arrays.copyOfRange(w, 2, w.length));
    long[] sizes = new long[spatial.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.dim(2 + i).isKnown() ? shape.size(2 + i) : grown(node, geometry, spatial, i);
    }
    long filters = w[1] * geometry.groups();
    Output output = new Output(x[0], filters, sizes);
    if (inputs.size() > 2) {
      output.fill((n, m, position) -> doubles(inputs.get(2)).get((int) m));
    }
    DoubleBuffer data = doubles(inputs.get(0));
    DoubleBuffer kernel = doubles(inputs.get(1));
    long area = Tensor.elements(spatial);
    long outputArea = Tensor.elements(sizes);
    long taps = Tensor.elements(geometry.kernel());
    long perGroup = x[1] / geometry.groups();
    for (long n = 0; n < x[0]; n++) {
      for (long c = 0; c < x[1]; c++) {
        for (long s = 0; s < area; s++) {
          double value = data.get((int) ((n * x[1] + c) * area + s));
          for (long t = 0; t < taps; t++) {
            long target =
                geometry.source(unravel(s, spatial), unravel(t, geometry.kernel()), sizes);
            for (long m = 0; target >= 0 && m < w[1]; m++) {
              long filter = c / perGroup * w[1] + m;
              int at = (int) ((n * filters + filter) * outputArea + target);
              output.add(at, value * kernel.get((int) ((c * w[1] + m) * taps + t)));
            }
          }
        }
      }
    }
    return output.tensor();
  }

  private static long grown(Node node, Geometry geometry, long[] spatial, int axis) {
    long[] extra = Geometry.ints(node, "output_padding", new long[spatial.length]);
    long reach = (geometry.kernel()[axis] - 1) * geometry.dilations()[axis] + 1;
    long cut = geometry.pads()[axis] + geometry.pads()[axis + spatial.length];
    return (spatial[axis] - 1) * geometry.strides()[axis] + reach - cut + extra[axis];
  }

  private static Tensor average(Node node, Tensor input) {
    long[] x = input.shape();
    long[] spatial = Arrays.copyOfRange(x, 2, x.length);
    long[] kernel = Geometry.ints(node, "kernel_shape", new long[0]);
    Geometry geometry = Geometry.over(node, kernel, spatial);
    Output output = new Output(x[0], x[1], geometry.slide(spatial));
    DoubleBuffer data = doubles(input);
    long area = Tensor.elements(spatial);
    long taps = Tensor.elements(geometry.kernel());
    output.fill(
        (n, c, position) -> {
          double sum = 0;
          int count = 0;
          for (long t = 0; t < taps; t++) {
            long source = geometry.source(position, unravel(t, geometry.kernel()), spatial);
            if (source >= 0) {
              sum += data.get((int) ((n * x[1] + c) * area + source));
              count++;
            }
          }
          return sum / count;
        });
    return output.tensor();
  }

  private static DoubleBuffer doubles(Tensor tensor) {
    return tensor.bytes().asDoubleBuffer();
  }

  private static long[] unravel(long index, long[] sizes) {
    long[] position = new long[sizes.length];
    long rest = index;
    for (int i = sizes.length - 1; i >= 0; i--) {
      position[i] = rest % sizes[i];
      rest /= sizes[i];
    }
    return position;
  }

  /** A result of shape [batch, channels, sizes…] under construction. */
  private static final class Output {
    /** One element's value. */
    interface Element {
      double at(long n, long channel, long[] position);
    }

    private final long[] shape;
    private final long[] sizes;
    private final double[] values;

    Output(long batch, long channels, long[] sizes) {
      this.sizes = sizes;
      this.shape = new long[2 + sizes.length];
      shape[0] = batch;
      shape[1] = channels;
      System.arraycopy(sizes, 0, shape, 2, sizes.length);
      this.values = new double[Math.toIntExact(Tensor.elements(shape))];
    }

    void fill(Element element) {
      long area = Tensor.elements(sizes);
      for (int i = 0; i < values.length; i++) {
        long plane = i / area;
        values[i] = element.at(plane / shape[1], plane % shape[1], unravel(i % area, sizes));
      }
    }

    void add(int index, double value) {
      values[index] += value;
    }

    Tensor tensor() {
      return Tensor.ofDoubles(shape, values);
    }
  }
}
