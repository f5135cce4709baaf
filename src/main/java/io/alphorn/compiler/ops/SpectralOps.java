package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.List;
import java.util.Optional;

/**
 * {@code keras.ops.math}: Fourier transforms, which take and give complex tensors as pairs of real
 * ones, and complex tensors themselves. Follows {@code keras/src/backend/tensorflow/math.py}.
 */
public final class SpectralOps {
  private SpectralOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("math", "FFT", SpectralOps::fft),
        Lowering.operation("math", "FFT2", call -> fft2(call, false)),
        Lowering.operation("math", "IFFT2", call -> fft2(call, true)),
        Lowering.operation("math", "RFFT", SpectralOps::rfft),
        Lowering.operation("math", "IRFFT", SpectralOps::irfft),
        Lowering.operation("math", "STFT", SpectralOps::stft),
        Lowering.operation("math", "ISTFT", SpectralOps::istft),
        Lowering.operation("math", "ExtractSequences", SpectralOps::extractSequences),
        Lowering.operation("math", "ViewAsComplex", SpectralOps::viewAsComplex),
        Lowering.operation("math", "ViewAsReal", SpectralOps::viewAsReal),
        Lowering.operation("nn", "Polar", SpectralOps::polar).parameters("abs_", "angle"));
  }

  /** A pair of real and imaginary parts. */
  private static Signals.Parts parts(Operands operands) {
    List<Operand> items = operands.get("x").items();
    if (items.size() != 2) {
      throw AlphornException.invalidArgument(
          "argument 'x' must be a pair of real and imaginary parts, found %d tensors",
          items.size());
    }
    Value real = items.get(0).tensor();
    return new Signals.Parts(real, items.get(1).as(real.dtype()));
  }

  private static Nested<KerasTensor> fft(OperationCall call) {
    Signals.Parts x = parts(Operands.of(call));
    return outputs(Signals.transform(call.graph(), x, -1, false).list());
  }

  private static Nested<KerasTensor> fft2(OperationCall call, boolean inverse) {
    GraphBuilder g = call.graph();
    Signals.Parts rows = Signals.transform(g, parts(Operands.of(call)), -1, inverse);
    return outputs(Signals.transform(g, rows, -2, inverse).list());
  }

  private static Nested<KerasTensor> rfft(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    Value fitting = operands.has("fft_length") ? resized(g, x, operands.integer("fft_length")) : x;
    return outputs(Signals.realTransform(g, fitting).list());
  }

  /** The last axis cut, or filled up with zeros. */
  private static Value resized(GraphBuilder g, Value x, long length) {
    if (x.dim(-1).equals(Dim.of(length))) {
      return x;
    }
    long[] none = new long[x.rank()];
    long[] after = new long[x.rank()];
    after[x.rank() - 1] = length;
    return g.slice(g.pad(x, none, after, 0), -1, 0, length);
  }

  private static Nested<KerasTensor> irfft(OperationCall call) {
    Operands operands = Operands.of(call);
    Signals.Parts x = parts(operands);
    long length =
        operands.integer("fft_length", Math.max(0, x.real().dim(-1).sizeOrUnknown() - 1) * 2);
    return output(inverse(call.graph(), x, length));
  }

  private static Value inverse(GraphBuilder g, Signals.Parts x, long length) {
    long half = length / 2 + 1;
    Signals.Parts fitting =
        new Signals.Parts(resized(g, x.real(), half), resized(g, x.imaginary(), half));
    return Signals.inverseRealTransform(g, fitting, length);
  }

  private static Nested<KerasTensor> stft(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Signals.Parts transformed =
        Signals.shortTimeTransform(
            g,
            operands.tensor("x"),
            window(operands).orElse(null),
            Math.toIntExact(operands.integer("fft_length")),
            operands.integer("sequence_stride"),
            operands.bool("center", true));
    return outputs(transformed.list());
  }

  /** The window by its name or its elements, unless it is None. */
  private static Optional<double[]> window(Operands operands) {
    int length = Math.toIntExact(operands.integer("sequence_length"));
    Optional<Operand> window = operands.find("window");
    if (window.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> name = window.get().text();
    double[] elements =
        name.isPresent()
            ? Signals.window(name.get(), length)
            : HostTensors.reals(window.get().known());
    if (elements.length != length) {
      throw AlphornException.invalidArgument(
          "argument 'window' has %d elements, but sequence_length is %d", elements.length, length);
    }
    return Optional.of(elements);
  }

  private static Nested<KerasTensor> istft(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    int length = Math.toIntExact(operands.integer("fft_length"));
    int step = Math.toIntExact(operands.integer("sequence_stride"));
    Value frames = inverse(g, parts(operands), length);
    Optional<double[]> window = window(operands);
    if (window.isPresent()) {
      double[] inverse = Signals.inverse(Signals.centred(window.get(), length), step);
      frames = g.mul(frames, Signals.vector(g, inverse, frames.dtype()));
    }
    Value signal = Signals.overlapAdd(g, frames, step);
    boolean centre = operands.bool("center", true);
    long margin = centre ? length / 2 : 0;
    long end = centre ? -margin : Long.MAX_VALUE;
    if (operands.has("length")) {
      end = margin + operands.integer("length");
    }
    return output(g.slice(signal, -1, margin, end));
  }

  private static Nested<KerasTensor> extractSequences(OperationCall call) {
    Operands operands = Operands.of(call);
    return output(
        Signals.frames(
            call.graph(),
            operands.tensor("x"),
            operands.integer("sequence_length"),
            operands.integer("sequence_stride")));
  }

  private static Nested<KerasTensor> viewAsComplex(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = Operands.of(call).tensor("x");
    return output(ComplexTensors.of(g, g.take(x, -1, 0), g.take(x, -1, 1)));
  }

  private static Nested<KerasTensor> viewAsReal(OperationCall call) {
    GraphBuilder g = call.graph();
    return output(g.stack(-1, ComplexTensors.parts(g, Operands.of(call).tensor("x"))));
  }

  /** A complex tensor of magnitudes and angles. */
  private static Nested<KerasTensor> polar(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value magnitude = operands.tensor("abs_");
    Value angle = operands.get("angle").as(magnitude.dtype());
    Value real = g.mul(magnitude, g.unary("Cos", angle));
    return output(ComplexTensors.of(g, real, g.mul(magnitude, g.unary("Sin", angle))));
  }
}
