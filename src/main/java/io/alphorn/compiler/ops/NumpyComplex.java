package io.alphorn.compiler.ops;

import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * {@code keras.ops.numpy}: parts of complex numbers, and the bytes of numbers seen as others. ONNX
 * Runtime has no complex numbers; those there are run in Java.
 */
public final class NumpyComplex {
  private NumpyComplex() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        NumpyOperation.of("Angle", NumpyComplex::angle),
        NumpyOperation.of("Real", o -> real(o.graph(), o.tensor("x"))),
        NumpyOperation.of("Imag", o -> imaginary(o.graph(), o.tensor("x"))),
        NumpyOperation.of("Conjugate", o -> conjugate(o.graph(), o.tensor("x"))),
        NumpyOperation.of("Conj", o -> conjugate(o.graph(), o.tensor("x"))),
        NumpyOperation.of("Isreal", NumpyComplex::isReal),
        NumpyOperation.of("View", NumpyComplex::view));
  }

  /** https://keras.io/api/ops/numpy/#angle */
  private static Value angle(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (x.dtype().isComplex()) {
      return parts(g, "Angle", x, (real, imaginary) -> Math.atan2(imaginary, real));
    }
    Value number = g.cast(x, Promotion.withFloat(x.dtype()));
    Value zero = g.scalar(number.dtype(), 0);
    return g.where(g.less(number, zero), g.scalar(number.dtype(), Math.PI), zero);
  }

  private static Value real(GraphBuilder g, Value x) {
    return x.dtype().isComplex() ? parts(g, "Real", x, (real, imaginary) -> real) : x;
  }

  private static Value imaginary(GraphBuilder g, Value x) {
    return x.dtype().isComplex()
        ? parts(g, "Imag", x, (real, imaginary) -> imaginary)
        : g.fill(x.shape(), x.dtype(), 0);
  }

  private static Value isReal(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    if (!x.dtype().isComplex()) {
      return g.fill(x.shape(), DType.BOOL, 1);
    }
    Value imaginary = imaginary(g, x);
    return g.equal(imaginary, g.scalar(imaginary.dtype(), 0));
  }

  /** The length of complex numbers. */
  static Value magnitude(GraphBuilder g, Value x) {
    return parts(g, "Magnitude", x, Math::hypot);
  }

  /** A real function of the real and the imaginary part. */
  private static Value parts(GraphBuilder g, String name, Value x, DoubleBinaryOperator function) {
    DType dtype = component(x.dtype());
    return g.host(
        name,
        List.of(x),
        dtype,
        x.shape(),
        inputs -> {
          double[] components = components(inputs.getFirst());
          double[] values = new double[components.length / 2];
          for (int i = 0; i < values.length; i++) {
            values[i] = function.applyAsDouble(components[2 * i], components[2 * i + 1]);
          }
          return List.of(HostTensors.ofReals(dtype, inputs.getFirst().shape(), values));
        });
  }

  private static Value conjugate(GraphBuilder g, Value x) {
    if (!x.dtype().isComplex()) {
      return x;
    }
    return g.host(
        "Conjugate",
        List.of(x),
        x.dtype(),
        x.shape(),
        inputs -> {
          double[] components = components(inputs.getFirst());
          for (int i = 1; i < components.length; i += 2) {
            components[i] = -components[i];
          }
          long[] pairs = {components.length};
          Tensor flat = HostTensors.ofReals(component(x.dtype()), pairs, components);
          return List.of(Tensor.of(x.dtype(), inputs.getFirst().shape(), flat.bytes()));
        });
  }

  private static DType component(DType complex) {
    return complex == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64;
  }

  /** Real and imaginary parts in turn. */
  private static double[] components(Tensor complex) {
    long[] pairs = {2 * complex.size()};
    return HostTensors.reals(Tensor.of(component(complex.dtype()), pairs, complex.bytes()));
  }

  /** https://keras.io/api/ops/numpy/#view */
  private static Value view(Operands operands) {
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    DType dtype = operands.dtype("dtype").orElse(x.dtype());
    Shape shape = viewed(g, x, dtype);
    return g.host(
        "View",
        List.of(x),
        dtype,
        shape,
        inputs -> {
          Tensor tensor = inputs.getFirst();
          long[] sizes = tensor.shape();
          if (sizes.length > 0) {
            int last = sizes.length - 1;
            sizes[last] = sizes[last] * tensor.dtype().bytes() / dtype.bytes();
          }
          ByteBuffer copy = Tensor.allocate(dtype, sizes);
          return List.of(Tensor.of(dtype, sizes, copy.put(tensor.bytes()).flip()));
        });
  }

  private static Shape viewed(GraphBuilder g, Value x, DType dtype) {
    if (x.dtype().bytes() == dtype.bytes()) {
      return x.shape();
    }
    if (x.rank() == 0) {
      throw AlphornException.invalidArgument(
          "a number of type %s cannot be viewed as %s", x.dtype(), dtype);
    }
    if (!x.dim(-1).isKnown()) {
      return x.shape().with(-1, g.freshDim());
    }
    long bytes = x.shape().size(-1) * x.dtype().bytes();
    if (bytes % dtype.bytes() != 0) {
      throw AlphornException.invalidArgument(
          "%s%s cannot be viewed as %s: rows of %d bytes", x.dtype(), x.shape(), dtype, bytes);
    }
    return x.shape().with(-1, bytes / dtype.bytes());
  }
}
