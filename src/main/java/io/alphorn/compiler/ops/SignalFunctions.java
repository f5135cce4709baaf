package io.alphorn.compiler.ops;

import io.alphorn.compiler.ops.linalg.FourierTransform;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Fourier transforms of the rows of tensors, that is, along their last axis. */
final class SignalFunctions {
  private SignalFunctions() {}

  private static int rowLength(Tensor tensor) {
    return Math.toIntExact(tensor.shape()[tensor.rank() - 1]);
  }

  private static long[] withLast(Tensor tensor, int length) {
    long[] shape = tensor.shape();
    shape[shape.length - 1] = length;
    return shape;
  }

  static List<Tensor> transform(Tensor real, Tensor imaginary, boolean inverse) {
    double[] re = HostTensors.reals(real);
    double[] im = HostTensors.reals(imaginary);
    FourierTransform transform = FourierTransform.of(rowLength(real));
    int length = transform.length();
    for (int from = 0; from < re.length; from += length) {
      double[] rowReal = Arrays.copyOfRange(re, from, from + length);
      double[] rowImaginary = Arrays.copyOfRange(im, from, from + length);
      if (inverse) {
        transform.applyInverse(rowReal, rowImaginary);
      } else {
        transform.apply(rowReal, rowImaginary);
      }
      System.arraycopy(rowReal, 0, re, from, length);
      System.arraycopy(rowImaginary, 0, im, from, length);
    }
    return List.of(
        HostTensors.ofReals(real.dtype(), real.shape(), re),
        HostTensors.ofReals(real.dtype(), real.shape(), im));
  }

  static List<Tensor> realTransform(Tensor signal) {
    double[] elements = HostTensors.reals(signal);
    FourierTransform transform = FourierTransform.of(rowLength(signal));
    int length = transform.length();
    int half = length / 2 + 1;
    int rows = elements.length / length;
    double[] re = new double[rows * half];
    double[] im = new double[rows * half];
    for (int row = 0; row < rows; row++) {
      double[] rowReal = Arrays.copyOfRange(elements, row * length, (row + 1) * length);
      double[] rowImaginary = new double[length];
      transform.apply(rowReal, rowImaginary);
      System.arraycopy(rowReal, 0, re, row * half, half);
      System.arraycopy(rowImaginary, 0, im, row * half, half);
    }
    return List.of(
        HostTensors.ofReals(signal.dtype(), withLast(signal, half), re),
        HostTensors.ofReals(signal.dtype(), withLast(signal, half), im));
  }

  /** The imaginary parts of the first and, of an even length, the last number say nothing. */
  static Tensor inverseRealTransform(Tensor real, Tensor imaginary, int length) {
    double[] re = HostTensors.reals(real);
    double[] im = HostTensors.reals(imaginary);
    FourierTransform transform = FourierTransform.of(length);
    int half = rowLength(real);
    int rows = half == 0 ? 0 : re.length / half;
    double[] signal = new double[rows * length];
    for (int row = 0; row < rows; row++) {
      double[] rowReal =
          Arrays.copyOf(Arrays.copyOfRange(re, row * half, (row + 1) * half), length);
      double[] rowImaginary =
          Arrays.copyOf(Arrays.copyOfRange(im, row * half, (row + 1) * half), length);
      for (int i = 1; i < length - i; i++) {
        rowReal[length - i] = rowReal[i];
        rowImaginary[length - i] = -rowImaginary[i];
      }
      transform.applyInverse(rowReal, rowImaginary);
      System.arraycopy(rowReal, 0, signal, row * length, length);
    }
    return HostTensors.ofReals(real.dtype(), withLast(real, length), signal);
  }
}
