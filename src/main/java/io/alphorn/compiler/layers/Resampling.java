package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;

/**
 * TensorFlow's {@code tf.image.resize}, one axis at a time as a product with a matrix of weights:
 * half-pixel centers, kernels renormalized at the borders ({@code scale_and_translate_op.cc}); with
 * antialiasing the kernel is as wide as the source pixels that fall on one.
 */
public sealed interface Resampling {
  /** Weights below which a pixel counts as having none: 1000 roundings of a float32. */
  double NEGLIGIBLE = 1000 * Math.ulp(1f);

  /**
   * The method that Keras calls {@code interpolation}.
   *
   * @throws AlphornException UNIMPLEMENTED when there is none
   */
  static Resampling of(String interpolation, boolean antialias) {
    return switch (interpolation) {
      case "bilinear" -> new Weighted(ResamplingKernel.TRIANGLE, antialias);
      case "bicubic" -> new Weighted(ResamplingKernel.CUBIC, antialias);
      case "lanczos3" -> new Weighted(ResamplingKernel.LANCZOS3, antialias);
      case "lanczos5" -> new Weighted(ResamplingKernel.LANCZOS5, antialias);
      case "nearest" -> new Nearest();
      case "area" -> new Area();
      default ->
          throw AlphornException.unimplemented(
              "argument 'interpolation' = \"%s\" is not supported", interpolation);
    };
  }

  /** Resizes an axis. Interpolation gives float32 of all but float64; nearest keeps the type. */
  Value resize(GraphBuilder g, Value x, int axis, long size);

  /** The source pixel whose area holds a target pixel's center. */
  record Nearest() implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int axis, long size) {
      Dim source = x.dim(axis);
      Value at = g.mul(g.add(g.range(Dim.of(size), DType.FLOAT32), 0.5), scale(g, source, size));
      Value last = g.sub(g.sizeOf(source), g.longs(1));
      return g.gather(x, g.min(g.cast(g.floor(at), DType.INT64), last), axis);
    }

    private static Value scale(GraphBuilder g, Dim source, long size) {
      return source.isKnown()
          ? g.scalar(DType.FLOAT32, (float) source.size() / (float) size)
          : g.div(g.cast(g.sizeOf(source), DType.FLOAT32), size);
    }
  }

  /** The mean of the source pixels that a target pixel covers, in part or whole. */
  record Area() implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int axis, long size) {
      Dim source = x.dim(axis);
      Value starts = g.range(Dim.of(size), DType.FLOAT64);
      Value width = g.div(g.cast(g.sizeOf(source), DType.FLOAT64), size);
      Value from = g.mul(starts, width);
      Value to = g.mul(g.add(starts, 1), width);
      Value pixels = g.unsqueeze(g.range(source, DType.FLOAT64), -1);
      Value overlap = g.sub(g.min(g.add(pixels, 1), to), g.max(pixels, from));
      return Resampling.product(g, x, axis, g.div(g.max(overlap, 0), width));
    }
  }

  /** A mean of source pixels by a kernel over their distance. */
  record Weighted(ResamplingKernel kernel, boolean antialias) implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int axis, long size) {
      Dim source = x.dim(axis);
      if (source.equals(Dim.of(size))) {
        return g.cast(x, wide(x.dtype()));
      }
      Value scale = g.div(size, g.cast(g.sizeOf(source), DType.FLOAT64));
      Value weights =
          source.isKnown()
              ? known(g, Math.toIntExact(source.size()), Math.toIntExact(size))
              : weights(g, source, size, scale, g.scalar(DType.FLOAT64, 0));
      return Resampling.product(g, x, axis, weights);
    }

    private Value known(GraphBuilder g, int source, int target) {
      double inverse = (double) source / target;
      double width = antialias ? Math.max(inverse, 1) : 1;
      double[] weights = new double[source * target];
      for (int i = 0; i < target; i++) {
        double center = (i + 0.5) * inverse - 0.5;
        double total = 0;
        for (int j = 0; j < source; j++) {
          weights[j * target + i] = kernel.at(Math.abs(center - j) / width);
          total += weights[j * target + i];
        }
        for (int j = 0; j < source; j++) {
          weights[j * target + i] =
              Math.abs(total) > NEGLIGIBLE ? weights[j * target + i] / total : 0;
        }
      }
      return g.constant(Tensor.ofDoubles(new long[] {source, target}, weights));
    }

    /**
     * The weights of source pixels (rows) in target pixels (columns), for a scale and a translation
     * of the image that a run tells. A target pixel whose center falls outside has none.
     */
    public Value weights(GraphBuilder g, Dim source, long size, Value scale, Value translation) {
      DType dtype = scale.dtype();
      Value inverse = g.reciprocal(scale);
      Value centers = g.mul(g.add(g.range(Dim.of(size), dtype), 0.5), inverse);
      Value samples = g.sub(g.sub(centers, g.mul(translation, inverse)), 0.5);
      Value pixels = g.unsqueeze(g.range(source, dtype), -1);
      Value distances = g.abs(g.sub(samples, pixels));
      Value weights = kernel.at(g, antialias ? g.div(distances, g.max(inverse, 1)) : distances);
      Value total = g.reduceSum(weights, true, 0);
      Value some = g.greater(g.abs(total), g.scalar(dtype, NEGLIGIBLE));
      Value shares = g.div(weights, g.where(some, total, g.scalar(dtype, 1)));
      Value last = g.sub(g.cast(g.sizeOf(source), dtype), 0.5);
      Value inside =
          g.and(g.greaterOrEqual(samples, g.scalar(dtype, -0.5)), g.lessOrEqual(samples, last));
      return g.where(g.and(some, inside), shares, g.scalar(dtype, 0));
    }
  }

  private static DType wide(DType dtype) {
    return dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** The product of an axis with weights of [source, target]. */
  private static Value product(GraphBuilder g, Value x, int axis, Value weights) {
    DType dtype = wide(x.dtype());
    Value last = g.moveAxis(g.cast(x, dtype), axis, -1);
    return g.moveAxis(g.matMul(last, g.cast(weights, dtype)), -1, axis);
  }
}
