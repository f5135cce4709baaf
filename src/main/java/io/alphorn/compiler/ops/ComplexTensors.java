package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/** Complex tensors, which ONNX Runtime does not know: they live between host functions. */
final class ComplexTensors {
  private ComplexTensors() {}

  /** A complex tensor of its real and its imaginary parts, of one shape. */
  static Value of(GraphBuilder g, Value real, Value imaginary) {
    DType dtype = real.dtype() == DType.FLOAT64 ? DType.COMPLEX128 : DType.COMPLEX64;
    return g.host(
        "Complex",
        List.of(real, imaginary),
        dtype,
        real.shape(),
        inputs -> List.of(joined(inputs.get(0), inputs.get(1), dtype)));
  }

  private static Tensor joined(Tensor real, Tensor imaginary, DType dtype) {
    double[] re = HostTensors.reals(real);
    double[] im = HostTensors.reals(imaginary);
    ByteBuffer bytes = Tensor.allocate(dtype, real.shape());
    for (int i = 0; i < re.length; i++) {
      put(bytes, dtype, re[i]);
      put(bytes, dtype, im[i]);
    }
    return Tensor.of(dtype, real.shape(), bytes.flip());
  }

  private static void put(ByteBuffer bytes, DType dtype, double part) {
    if (dtype == DType.COMPLEX64) {
      bytes.putFloat((float) part);
    } else {
      bytes.putDouble(part);
    }
  }

  /** The real and the imaginary parts of a complex tensor. */
  static List<Value> parts(GraphBuilder g, Value x) {
    DType dtype = x.dtype() == DType.COMPLEX128 ? DType.FLOAT64 : DType.FLOAT32;
    return g.host(
        "Parts",
        List.of(x),
        List.of(dtype, dtype),
        List.of(x.shape(), x.shape()),
        inputs -> List.of(part(inputs.getFirst(), dtype, 0), part(inputs.getFirst(), dtype, 1)));
  }

  private static Tensor part(Tensor complex, DType dtype, int offset) {
    ByteBuffer source = complex.bytes();
    ByteBuffer bytes = Tensor.allocate(dtype, complex.shape());
    for (int at = offset * dtype.bytes(); at < source.limit(); at += 2 * dtype.bytes()) {
      bytes.put(bytes.position(), source, at, dtype.bytes());
      bytes.position(bytes.position() + dtype.bytes());
    }
    return Tensor.of(dtype, complex.shape(), bytes.flip());
  }
}
