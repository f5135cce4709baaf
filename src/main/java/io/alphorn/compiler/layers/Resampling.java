package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The methods of {@code tf.image.resize}, with half-pixel centers. Each computes in float32, in the
 * order of TensorFlow's kernel: integers are rounded afterwards, where the last bit can decide.
 */
public sealed interface Resampling {
  /** Sums of more terms than this are loops in the graph. */
  int MOST_UNROLLED = 16;

  /**
   * The method that Keras calls {@code interpolation}.
   *
   * @throws AlphornException INVALID_ARGUMENT when there is none
   */
  static Resampling of(String interpolation, boolean antialias) {
    return switch (interpolation) {
      case "bilinear" -> antialias ? new Weighted(ResamplingKernel.TRIANGLE, true) : new Linear();
      case "bicubic" -> antialias ? new Weighted(ResamplingKernel.CUBIC, true) : new Cubic();
      case "lanczos3" -> new Weighted(ResamplingKernel.LANCZOS3, antialias);
      case "lanczos5" -> new Weighted(ResamplingKernel.LANCZOS5, antialias);
      case "nearest" -> new Nearest();
      case "area" -> new Area();
      default ->
          throw AlphornException.invalidArgument(
              "argument 'interpolation' = \"%s\" is none of bilinear, nearest, lanczos3, lanczos5,"
                  + " bicubic and area",
              interpolation);
    };
  }

  /**
   * Resizes the axis {@code rows} and the one after it. Interpolation gives float32, whatever
   * comes; nearest keeps the type.
   */
  Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width);

  /** The source pixel whose area holds a target pixel's center. */
  record Nearest() implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width) {
      return along(g, along(g, x, rows, height), rows + 1, width);
    }

    private static Value along(GraphBuilder g, Value x, int axis, Dim target) {
      if (x.dim(axis).equals(target)) {
        return x;
      }
      Value at = g.floor(centers(g, x.dim(axis), target));
      return g.gather(x, g.min(g.cast(at, DType.INT64), last(g, x.dim(axis))), axis);
    }
  }

  /** Between the two nearest source pixels: {@code resize_bilinear_op.cc}, columns first. */
  record Linear() implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width) {
      Value wide = along(g, g.cast(x, DType.FLOAT32), rows + 1, width);
      return along(g, wide, rows, height);
    }

    private static Value along(GraphBuilder g, Value x, int axis, Dim target) {
      Dim source = x.dim(axis);
      if (source.equals(target)) {
        return x;
      }
      Value at = g.sub(centers(g, source, target), 0.5);
      Value below = g.floor(at);
      Value first = g.cast(g.max(below, 0), DType.INT64);
      Value second = g.min(g.cast(g.ceil(at), DType.INT64), last(g, source));
      Value from = g.gather(x, first, axis);
      Value change = g.sub(g.gather(x, second, axis), from);
      return g.add(from, g.mul(change, alongAxis(g, g.sub(at, below), axis, x.rank())));
    }
  }

  /**
   * Keys's cubic over four source pixels: {@code resize_bicubic_op.cc}, rows first. Its weights
   * come from a table, for distances in steps of 1/1024.
   */
  record Cubic() implements Resampling {
    private static final int STEPS = 1024;
    private static final double A = -0.5;

    @Override
    public Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width) {
      Value tall = along(g, g.cast(x, DType.FLOAT32), rows, height);
      return along(g, tall, rows + 1, width);
    }

    private static Value along(GraphBuilder g, Value x, int axis, Dim target) {
      Dim source = x.dim(axis);
      if (source.equals(target)) {
        return x;
      }
      Value at = g.sub(centers(g, source, target), 0.5);
      Value below = g.floor(at);
      Value step = g.cast(g.round(g.mul(g.sub(at, below), STEPS)), DType.INT64);
      Value back = g.sub(g.longs(STEPS), step);
      Value near = g.constant(table(false));
      Value far = g.constant(table(true));
      List<Value> kernel =
          List.of(
              g.gather(far, step, 0),
              g.gather(near, step, 0),
              g.gather(near, back, 0),
              g.gather(far, back, 0));
      Value indices = taps(g, g.sub(g.cast(below, DType.INT64), g.longs(1)), Dim.of(kernel.size()));
      Value held = held(g, indices, source);
      Value none = g.scalar(DType.FLOAT32, 0);
      Value inside = g.where(g.equal(indices, held), g.stack(0, kernel), none);
      return summed(g, x, axis, held, normalized(g, inside));
    }

    /** The kernel at distances from 0 to 1, or from 1 to 2. */
    private static Tensor table(boolean far) {
      float[] weights = new float[STEPS + 1];
      for (int i = 0; i <= STEPS; i++) {
        double d = (double) i / STEPS + (far ? 1 : 0);
        double inner = ((A + 2) * d - (A + 3)) * d * d + 1;
        double outer = ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
        weights[i] = (float) (far ? outer : inner);
      }
      return Tensor.ofFloats(new long[] {STEPS + 1}, weights);
    }
  }

  /** The mean of the source pixels that a target pixel covers, in part or whole, columns first. */
  record Area() implements Resampling {
    @Override
    public Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width) {
      Value rowScale = scale(g, x.dim(rows), height);
      Value columnScale = scale(g, x.dim(rows + 1), width);
      Value wide = along(g, g.cast(x, DType.FLOAT32), rows + 1, width);
      return g.mul(along(g, wide, rows, height), g.reciprocal(g.mul(rowScale, columnScale)));
    }

    private static Value along(GraphBuilder g, Value x, int axis, Dim target) {
      Dim source = x.dim(axis);
      Value scale = scale(g, source, target);
      Value starts = g.range(target, DType.FLOAT32);
      Value from = g.mul(starts, scale);
      Value to = g.mul(g.add(starts, 1), scale);
      Value indices = taps(g, g.cast(g.floor(from), DType.INT64), span(g, source, target));
      Value lengths = covered(g, g.cast(indices, DType.FLOAT32), from, to, scale);
      return summed(g, x, axis, held(g, indices, source), lengths);
    }

    /** More than this many source pixels no target pixel touches. */
    private static Dim span(GraphBuilder g, Dim source, Dim target) {
      if (source.isKnown() && target.isKnown()) {
        return Dim.of(Math.ceilDiv(source.size(), target.size()) + 1);
      }
      Value covered = g.cast(g.ceil(scale(g, source, target)), DType.INT64);
      return g.dimOf(g.add(covered, g.longs(1)));
    }

    /** The length of source pixels between two places. */
    private static Value covered(GraphBuilder g, Value pixels, Value from, Value to, Value scale) {
      Value ends = g.add(pixels, 1);
      Value isPast = g.greater(ends, to);
      Value atStart = g.where(isPast, scale, g.sub(ends, from));
      Value later = g.where(isPast, g.sub(to, pixels), g.scalar(DType.FLOAT32, 1));
      Value length = g.where(g.less(pixels, from), atStart, later);
      Value isCovered = g.and(g.greater(ends, from), g.less(pixels, to));
      return g.where(isCovered, length, g.scalar(DType.FLOAT32, 0));
    }
  }

  /**
   * A mean of source pixels by a kernel over their distance: {@code scale_and_translate_op.cc},
   * rows first.
   *
   * @param antialias whether the kernel is as wide as the source pixels that fall on a target pixel
   */
  record Weighted(ResamplingKernel kernel, boolean antialias) implements Resampling {
    /** Sums of weights up to which a pixel counts as having none: 1000 roundings of a float32. */
    private static final double NEGLIGIBLE = 1000 * Math.ulp(1f);

    @Override
    public Value resize(GraphBuilder g, Value x, int rows, Dim height, Dim width) {
      Value tall = along(g, g.cast(x, DType.FLOAT32), rows, height);
      return along(g, tall, rows + 1, width);
    }

    private Value along(GraphBuilder g, Value x, int axis, Dim target) {
      Dim source = x.dim(axis);
      if (source.equals(target)) {
        return x;
      }
      return spans(g, x, axis, target, g.reciprocal(scale(g, target, source)));
    }

    /** The pixels within the kernel's radius around each target pixel's center. */
    private Value spans(GraphBuilder g, Value x, int axis, Dim target, Value inverse) {
      Dim source = x.dim(axis);
      Value breadth = antialias ? g.max(inverse, 1) : g.scalar(DType.FLOAT32, 1);
      Value centers = g.mul(g.add(g.range(target, DType.FLOAT32), 0.5), inverse);
      Value reach = g.mul(breadth, kernel.radius());
      Value first = g.ceil(g.sub(g.sub(centers, reach), 0.5));
      Value last = g.floor(g.sub(g.add(centers, reach), 0.5));
      Value start = held(g, g.cast(first, DType.INT64), source);
      Value indices = taps(g, start, span(g, source, target, reach));
      Value pixels = g.cast(indices, DType.FLOAT32);
      Value distances = g.mul(g.sub(g.add(pixels, 0.5), centers), g.reciprocal(breadth));
      Value weights = kernel.inOrder(g, g.abs(distances));
      Value inside = g.and(g.lessOrEqual(pixels, last), g.lessOrEqual(indices, last(g, source)));
      Value kept = g.where(inside, weights, g.scalar(DType.FLOAT32, 0));
      return summed(g, x, axis, held(g, indices, source), normalized(g, kept));
    }

    /** More than this many source pixels the kernel does not reach. */
    private Dim span(GraphBuilder g, Dim source, Dim target, Value reach) {
      if (source.isKnown() && target.isKnown()) {
        double breadth = antialias ? Math.max((double) source.size() / target.size(), 1) : 1;
        long span = 2 * (long) Math.ceil(kernel.radius() * breadth) + 1;
        return Dim.of(Math.min(span, source.size()));
      }
      Value span = g.add(g.mul(g.cast(g.ceil(reach), DType.INT64), g.longs(2)), g.longs(1));
      return g.dimOf(g.reshape(g.min(span, g.sizeOf(source)), 1));
    }

    /**
     * The weights of source pixels (rows) in target pixels (columns), for a scale and a translation
     * of the image. A target pixel whose center falls outside has none.
     */
    public Value weights(GraphBuilder g, Dim source, Dim target, Value scale, Value translation) {
      DType dtype = scale.dtype();
      Value inverse = g.reciprocal(scale);
      Value centers = g.mul(g.add(g.range(target, dtype), 0.5), inverse);
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

  /** Where the centers of target pixels fall in the source, by its pixels' left edges. */
  private static Value centers(GraphBuilder g, Dim source, Dim target) {
    return g.mul(g.add(g.range(target, DType.FLOAT32), 0.5), scale(g, source, target));
  }

  /** How many pixels of the one fall on one of the other. */
  private static Value scale(GraphBuilder g, Dim of, Dim on) {
    Value pixels = g.cast(g.sizeOf(of), DType.FLOAT32);
    return g.div(pixels, g.cast(g.sizeOf(on), DType.FLOAT32));
  }

  private static Value last(GraphBuilder g, Dim source) {
    return g.sub(g.sizeOf(source), g.longs(1));
  }

  /** The first index of each target pixel and those after it: [count, target]. */
  private static Value taps(GraphBuilder g, Value first, Dim count) {
    return g.add(first, g.unsqueeze(g.range(count, DType.INT64), -1));
  }

  private static Value held(GraphBuilder g, Value indices, Dim source) {
    return g.max(g.min(indices, last(g, source)), g.longs(0));
  }

  /** Weights of [taps, target], brought to a sum of 1. */
  private static Value normalized(GraphBuilder g, Value weights) {
    return g.mul(weights, g.reciprocal(g.reduceSum(weights, true, 0)));
  }

  /** The sums, tap after tap, of the pixels at indices of [taps, target] by their weights. */
  private static Value summed(GraphBuilder g, Value x, int axis, Value indices, Value weights) {
    Dim taps = weights.dim(0);
    if (!taps.isKnown() || taps.size() > MOST_UNROLLED) {
      return summedInLoop(g, x, axis, indices, weights);
    }
    List<Value> terms = new ArrayList<>();
    for (int tap = 0; tap < taps.size(); tap++) {
      terms.add(term(g, x, axis, g.take(indices, 0, tap), g.take(weights, 0, tap)));
    }
    return terms.stream().reduce(g::add).orElseThrow();
  }

  private static Value summedInLoop(
      GraphBuilder g, Value x, int axis, Value indices, Value weights) {
    Value nothing = g.fill(x.shape().with(axis, weights.dim(1)), x.dtype(), 0);
    return g.scan(
            List.of(nothing),
            List.of(indices, weights),
            (body, parameters) -> {
              Value term = term(body, x, axis, parameters.get(1), parameters.get(2));
              return List.of(body.add(parameters.get(0), term));
            })
        .getFirst();
  }

  private static Value term(GraphBuilder g, Value x, int axis, Value indices, Value weights) {
    return g.mul(g.gather(x, indices, axis), alongAxis(g, weights, axis, x.rank()));
  }

  /** Numbers of one axis, shaped to meet a tensor of {@code rank} there. */
  private static Value alongAxis(GraphBuilder g, Value numbers, int axis, int rank) {
    Shape shape = numbers.shape();
    for (int after = axis + 1; after < rank; after++) {
      shape = shape.append(Dim.of(1));
    }
    return g.reshape(numbers, shape);
  }

  /** The product of an axis with weights of [source, target], in the type of {@code x}. */
  static Value product(GraphBuilder g, Value x, int axis, Value weights) {
    Value last = g.moveAxis(x, axis, -1);
    return g.moveAxis(g.matMul(last, g.cast(weights, x.dtype())), -1, axis);
  }
}
