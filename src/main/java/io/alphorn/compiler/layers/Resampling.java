package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * TensorFlow's {@code tf.image.resize}, one axis at a time as a product with a matrix of weights:
 * half-pixel centers, kernels renormalized at the borders ({@code scale_and_translate_op.cc}); with
 * antialiasing the kernel is as wide as the source pixels that fall on one.
 *
 * @param radius of the kernel, in source pixels
 */
public record Resampling(
    DoubleUnaryOperator kernel, double radius, boolean antialias, String name) {
  /**
   * The method that Keras calls {@code interpolation}.
   *
   * @throws AlphornException UNIMPLEMENTED when there is none
   */
  public static Resampling of(String interpolation, boolean antialias) {
    return switch (interpolation) {
      case "bilinear" -> new Resampling(Resampling::triangle, 1, antialias, interpolation);
      case "bicubic" -> new Resampling(Resampling::cubic, 2, antialias, interpolation);
      case "lanczos3" -> new Resampling(x -> lanczos(x, 3), 3, antialias, interpolation);
      case "lanczos5" -> new Resampling(x -> lanczos(x, 5), 5, antialias, interpolation);
      case "nearest" -> new Resampling(x -> 1, 0, false, interpolation);
      default ->
          throw AlphornException.unimplemented(
              "argument 'interpolation' = \"%s\" is not supported", interpolation);
    };
  }

  private static double triangle(double x) {
    return Math.max(0, 1 - Math.abs(x));
  }

  /** Keys's cubic with a = -0.5. */
  private static double cubic(double x) {
    double d = Math.abs(x);
    if (d >= 2) {
      return 0;
    }
    return d >= 1 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : (1.5 * d - 2.5) * d * d + 1;
  }

  private static double lanczos(double x, double radius) {
    double d = Math.abs(x);
    if (d > radius) {
      return 0;
    }
    if (d <= 1e-3) {
      return 1;
    }
    return radius
        * Math.sin(Math.PI * d)
        * Math.sin(Math.PI * d / radius)
        / (Math.PI * Math.PI * d * d);
  }

  /** Resizes an axis. Interpolation gives float32 whatever came, nearest keeps the type. */
  public Value resize(GraphBuilder g, Value x, int axis, long size) {
    int target = Math.toIntExact(size);
    if (!x.dim(axis).isKnown()) {
      return resizeAtRun(g, x, axis, target);
    }
    int source = Math.toIntExact(x.shape().size(axis));
    if (name.equals("nearest")) {
      return g.gather(x, g.longs(nearest(source, target)), axis);
    }
    DType dtype = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Value wide = g.cast(x, dtype);
    if (source == target) {
      return wide;
    }
    Value matrix =
        g.cast(
            g.constant(Tensor.ofDoubles(new long[] {source, target}, weights(source, target))),
            dtype);
    return g.moveAxis(g.matMul(g.moveAxis(wide, axis, -1), matrix), -1, axis);
  }

  /** For a size that only a run can tell: the same weights, in Java. */
  private Value resizeAtRun(GraphBuilder g, Value x, int axis, int target) {
    Value wide = g.cast(x, DType.FLOAT32);
    Value resized =
        g.host(
            "Resize",
            List.of(wide),
            DType.FLOAT32,
            wide.shape().with(axis, target),
            inputs -> List.of(resize(inputs.getFirst(), axis, target)));
    return name.equals("nearest") ? g.cast(resized, x.dtype()) : resized;
  }

  private Tensor resize(Tensor input, int axis, int target) {
    long[] shape = input.shape();
    int source = Math.toIntExact(shape[axis]);
    double[] weights = name.equals("nearest") ? picks(source, target) : weights(source, target);
    int outer = Math.toIntExact(Tensor.elements(Arrays.copyOf(shape, axis)));
    int inner = Math.toIntExact(Tensor.elements(Arrays.copyOfRange(shape, axis + 1, shape.length)));
    FloatBuffer pixels = input.bytes().asFloatBuffer();
    float[] result = new float[outer * target * inner];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < target; i++) {
        for (int j = 0; j < source; j++) {
          float weight = (float) weights[j * target + i];
          for (int k = 0; weight != 0 && k < inner; k++) {
            result[(o * target + i) * inner + k] +=
                weight * pixels.get((o * source + j) * inner + k);
          }
        }
      }
    }
    shape[axis] = target;
    return Tensor.ofFloats(shape, result);
  }

  private static double[] picks(int source, int target) {
    double[] weights = new double[source * target];
    long[] indices = nearest(source, target);
    for (int i = 0; i < target; i++) {
      weights[(int) indices[i] * target + i] = 1;
    }
    return weights;
  }

  private static long[] nearest(int source, int target) {
    long[] indices = new long[target];
    for (int i = 0; i < target; i++) {
      double at = Math.floor((i + 0.5) * source / target);
      indices[i] = (long) Math.min(at, source - 1.0);
    }
    return indices;
  }

  private double[] weights(int source, int target) {
    double inverse = (double) source / target;
    double width = antialias ? Math.max(inverse, 1) : 1;
    double[] weights = new double[source * target];
    for (int i = 0; i < target; i++) {
      double center = (i + 0.5) * inverse;
      double[] column = new double[source];
      double total = 0;
      int first = (int) Math.max(0, Math.ceil(center - radius * width - 0.5));
      int last = (int) Math.min(source - 1.0, Math.floor(center + radius * width - 0.5));
      for (int j = first; j <= last; j++) {
        column[j] = kernel.applyAsDouble((j + 0.5 - center) / width);
        total += column[j];
      }
      for (int j = 0; j < source; j++) {
        weights[j * target + i] = total == 0 ? 0 : column[j] / total;
      }
    }
    return weights;
  }
}
