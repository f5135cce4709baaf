package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Fourier transforms, frames and windows along the last axis, as TensorFlow's {@code tf.signal}.
 */
public final class Signals {
  private static final double HANN = 0.5;
  private static final double HAMMING = 0.54;

  /** A complex tensor by its parts, which have one shape. */
  public record Parts(Value real, Value imaginary) {
    List<Value> list() {
      return List.of(real, imaginary);
    }
  }

  private Signals() {}

  /** The discrete Fourier transform along one axis, or its inverse. */
  static Parts transform(GraphBuilder g, Parts x, int axis, boolean inverse) {
    Value real = g.moveAxis(x.real(), axis, -1);
    Value imaginary = g.moveAxis(x.imaginary(), axis, -1);
    List<Value> transformed =
        g.host(
            "FourierTransform",
            List.of(real, imaginary),
            List.of(real.dtype(), real.dtype()),
            List.of(real.shape(), real.shape()),
            inputs -> SignalFunctions.transform(inputs.get(0), inputs.get(1), inverse));
    return new Parts(
        g.moveAxis(transformed.get(0), -1, axis), g.moveAxis(transformed.get(1), -1, axis));
  }

  /** The half of the transform of a real signal that says all: {@code length / 2 + 1} numbers. */
  public static Parts realTransform(GraphBuilder g, Value x) {
    Dim length = x.dim(-1);
    Dim half = length.isKnown() ? Dim.of(length.size() / 2 + 1) : g.freshDim();
    Shape shape = x.shape().with(-1, half);
    List<Value> transformed =
        g.host(
            "RealFourierTransform",
            List.of(x),
            List.of(x.dtype(), x.dtype()),
            List.of(shape, shape),
            inputs -> SignalFunctions.realTransform(inputs.getFirst()));
    return new Parts(transformed.get(0), transformed.get(1));
  }

  /** The real signal of a known length that has this half of a transform. */
  static Value inverseRealTransform(GraphBuilder g, Parts half, long length) {
    return g.host(
        "InverseRealFourierTransform",
        List.of(half.real(), half.imaginary()),
        half.real().dtype(),
        half.real().shape().with(-1, length),
        inputs ->
            List.of(
                SignalFunctions.inverseRealTransform(
                    inputs.get(0), inputs.get(1), Math.toIntExact(length))));
  }

  /** The angle of complex numbers, from -π to π. */
  public static Value angle(GraphBuilder g, Value real, Value imaginary) {
    return HostElementwise.reals(g, "Angle", imaginary, real, Math::atan2);
  }

  /** Frames of {@code length} elements, {@code step} apart; what fills no frame is left out. */
  public static Value frames(GraphBuilder g, Value x, long length, long step) {
    Dim dim = x.dim(-1);
    Value starts;
    if (dim.isKnown()) {
      long count = Math.max(0, dim.size() - length + step) / step;
      starts = g.mul(g.range(Dim.of(count), DType.INT64), g.longs(step));
    } else {
      Value last = g.squeeze(g.sub(g.sizeOf(dim), g.longs(length - 1)), 0);
      Dim count = g.freshDim();
      starts =
          g.emit(
              "Range",
              Map.of(),
              List.of(g.scalar(DType.INT64, 0), last, g.scalar(DType.INT64, step)),
              DType.INT64,
              Shape.of(count));
    }
    Value within = g.range(Dim.of(length), DType.INT64);
    return g.gather(x, g.add(g.unsqueeze(starts, -1), within), -1);
  }

  /** Adds up frames of a known length that stand {@code step} apart: [.., frames, length]. */
  static Value overlapAdd(GraphBuilder g, Value frames, long step) {
    long length = frames.shape().size(-1);
    int rank = frames.rank();
    int overlaps = Math.toIntExact((length + step - 1) / step);
    Value padded = pad(g, frames, rank - 1, 0, overlaps * step - length);
    Value sum = null;
    for (int i = 0; i < overlaps; i++) {
      Value part = g.slice(padded, -1, i * step, (i + 1) * step);
      Value moved = pad(g, part, rank - 2, i, overlaps - 1L - i);
      sum = sum == null ? moved : g.add(sum, moved);
    }
    Dim count = frames.dim(-2);
    Value joined = joinLast(g, Objects.requireNonNull(sum));
    Dim whole = count.isKnown() ? Dim.of((count.size() - 1) * step + length) : g.freshDim();
    // The last frame ends before its padding does.
    long surplus = overlaps * step - length;
    return surplus == 0
        ? joined
        : g.emit(
            "Slice",
            Map.of(),
            List.of(joined, g.longs(0), g.longs(-surplus), g.longs(rank - 2)),
            joined.dtype(),
            joined.shape().with(rank - 2, whole));
  }

  private static Value joinLast(GraphBuilder g, Value x) {
    Dim rows = x.dim(-2);
    Dim joined = rows.isKnown() ? Dim.of(rows.size() * x.shape().size(-1)) : g.freshDim();
    Shape shape = x.shape().subShape(0, x.rank() - 2).append(joined);
    Value sizes = g.concat(0, g.sizesOf(x.shape().subShape(0, x.rank() - 2)), g.longs(-1));
    return shape.isKnown()
        ? g.reshape(x, shape)
        : g.emit("Reshape", Map.of(), List.of(x, sizes), x.dtype(), shape);
  }

  private static Value pad(GraphBuilder g, Value x, int axis, long before, long after) {
    long[] starts = new long[x.rank()];
    long[] ends = new long[x.rank()];
    starts[axis] = before;
    ends[axis] = after;
    return g.pad(x, starts, ends, 0);
  }

  /** TensorFlow's periodic window; of an odd length it is not quite periodic there either. */
  public static double[] window(String name, int length) {
    double alpha =
        switch (name) {
          case "hann" -> HANN;
          case "hamming" -> HAMMING;
          default ->
              throw AlphornException.invalidArgument(
                  "window must be 'hann' or 'hamming', found '%s'", name);
        };
    if (length == 1) {
      return new double[] {1};
    }
    int period = length % 2 == 0 ? length : length - 1;
    return IntStream.range(0, length)
        .mapToDouble(i -> alpha - (1 - alpha) * Math.cos(2 * Math.PI * i / period))
        .toArray();
  }

  /** A window with zeros on both sides, up to {@code length}. */
  static double[] centred(double[] window, int length) {
    double[] padded = new double[length];
    System.arraycopy(window, 0, padded, (length - window.length) / 2, window.length);
    return padded;
  }

  /**
   * The window that undoes another one when frames are added up: {@code
   * tf.signal.inverse_stft_window_fn}.
   */
  static double[] inverse(double[] window, int step) {
    double[] sums = new double[step];
    for (int i = 0; i < window.length; i++) {
      sums[i % step] += window[i] * window[i];
    }
    double[] inverse = window.clone();
    Arrays.setAll(inverse, i -> window[i] / sums[i % step]);
    return inverse;
  }

  /** The short-time Fourier transform: [.., frames, length / 2 + 1]. */
  public static Parts shortTimeTransform(
      GraphBuilder g, Value x, double @Nullable [] window, int length, long step, boolean centre) {
    long margin = centre ? length / 2 : 0;
    Value padded = x;
    if (margin > 0) {
      long[] pads = new long[x.rank()];
      pads[x.rank() - 1] = margin;
      padded = g.pad(x, "reflect", pads, pads, Value.NONE);
    }
    Value frames = frames(g, padded, length, step);
    Value shaped =
        window == null ? frames : g.mul(frames, vector(g, centred(window, length), x.dtype()));
    return realTransform(g, shaped);
  }

  static Value vector(GraphBuilder g, double[] values, DType dtype) {
    return g.constant(HostTensors.ofReals(dtype, new long[] {values.length}, values));
  }
}
