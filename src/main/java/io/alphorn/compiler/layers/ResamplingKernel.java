package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;

/** The kernels by which images are resampled, over the distance from a pixel's center. */
public enum ResamplingKernel {
  TRIANGLE(1),
  /** Keys's cubic with a = -0.5. */
  CUBIC(2),
  LANCZOS3(3),
  LANCZOS5(5);

  private static final double NEAR = 1e-3;

  private final double radius;

  ResamplingKernel(double radius) {
    this.radius = radius;
  }

  /** The distance from which on the kernel is 0. */
  double radius() {
    return radius;
  }

  /**
   * The weights at float32 distances with the roundings of TensorFlow's {@code sampling_kernels.h}:
   * one product after the other, and sines as exact as C's.
   */
  Value inOrder(GraphBuilder g, Value d) {
    if (this != LANCZOS3 && this != LANCZOS5) {
      return at(g, d);
    }
    Value turn = g.mul(d, (float) Math.PI);
    Value product = g.mul(g.mul(sine(g, turn), radius), sine(g, g.div(turn, radius)));
    float squaredPi = (float) Math.PI * (float) Math.PI;
    return windowed(g, d, product, g.mul(g.mul(d, squaredPi), d));
  }

  private static Value sine(GraphBuilder g, Value angle) {
    Value exact = g.unary("Sin", g.cast(angle, DType.FLOAT64));
    return g.cast(exact, angle.dtype());
  }

  /** The weights at distances, none of which is negative. */
  public Value at(GraphBuilder g, Value d) {
    Value zero = g.scalar(d.dtype(), 0);
    return switch (this) {
      case TRIANGLE -> g.max(g.sub(1, d), 0);
      case CUBIC -> {
        Value inner = g.add(g.mul(g.mul(g.sub(g.mul(d, 1.5), 2.5), d), d), 1);
        Value outer = g.add(g.mul(g.sub(g.mul(g.add(g.mul(d, -0.5), 2.5), d), 4), d), 2);
        Value near = g.where(atLeast(g, d, 1), outer, inner);
        yield g.where(atLeast(g, d, 2), zero, near);
      }
      case LANCZOS3, LANCZOS5 -> {
        Value turn = g.mul(d, Math.PI);
        Value wave = g.mul(g.unary("Sin", turn), radius);
        Value product = g.mul(wave, g.unary("Sin", g.div(turn, radius)));
        yield windowed(g, d, product, g.mul(g.square(d), Math.PI * Math.PI));
      }
    };
  }

  /** The quotient within the radius, which is 1 at the center. */
  private Value windowed(GraphBuilder g, Value d, Value product, Value square) {
    Value one = g.scalar(d.dtype(), 1);
    Value far = g.greater(d, g.scalar(d.dtype(), NEAR));
    Value bell = g.where(far, g.div(product, g.where(far, square, one)), one);
    return g.where(g.greater(d, g.scalar(d.dtype(), radius)), g.scalar(d.dtype(), 0), bell);
  }

  private static Value atLeast(GraphBuilder g, Value d, double bound) {
    return g.greaterOrEqual(d, g.scalar(d.dtype(), bound));
  }
}
