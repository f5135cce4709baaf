package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.compiler.layers.Convolutions;
import io.alphorn.compiler.ops.Signals;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * Spectrograms: https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/ and {@code
 * keras/src/layers/preprocessing/stft_spectrogram.py}, {@code mel_spectrogram.py}.
 */
public final class SignalLayers {
  private static final double EPSILON = 1e-7;
  private static final float BREAK_FREQUENCY = 700;
  private static final float HIGH_FREQUENCY_Q = 1127;

  private SignalLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("STFTSpectrogram", SignalLayers::stftSpectrogram)
            .arguments(
                "mode",
                "frame_length",
                "frame_step",
                "fft_length",
                "window",
                "periodic",
                "scaling",
                "padding",
                "expand_dims",
                "data_format")
            .masking(Masking.STOP),
        Lowering.layer("MelSpectrogram", SignalLayers::melSpectrogram)
            .arguments(
                "fft_length",
                "sequence_stride",
                "sequence_length",
                "window",
                "sampling_rate",
                "num_mel_bins",
                "min_freq",
                "max_freq",
                "power_to_db",
                "top_db",
                "mag_exp",
                "min_power",
                "ref_power")
            .masking(Masking.STOP));
  }

  /** The window, its scale and the transform all stand in the layer's two kernels. */
  private static Nested<KerasTensor> stftSpectrogram(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    String mode = config.string("mode", "log");
    ChannelLayout layout = ChannelLayout.of(config.string("data_format", "channels_last"));
    Value x = layout.toFirst(g, call.input());
    if (mode.equals("real") || mode.equals("imag")) {
      return output(arranged(call, layout, convolved(call, x, mode)));
    }
    Value real = convolved(call, x, "real");
    Value imaginary = convolved(call, x, "imag");
    Value power = g.add(g.square(real), g.square(imaginary));
    Value spectrogram =
        switch (mode) {
          case "angle" -> arranged(call, layout, Signals.angle(g, real, imaginary));
          case "stft" -> arranged(call, layout, g.concat(2, real, imaginary));
          case "psd" -> arranged(call, layout, g.add(power, withoutEnds(g, power)));
          case "magnitude" -> arranged(call, layout, magnitude(g, power));
          case "log" -> g.log(g.max(arranged(call, layout, magnitude(g, power)), EPSILON));
          default -> throw config.unsupported("mode");
        };
    return output(spectrogram);
  }

  private static Value magnitude(GraphBuilder g, Value power) {
    return g.sqrt(g.max(power, EPSILON));
  }

  /** Zeros at the first and the last frequency. */
  private static Value withoutEnds(GraphBuilder g, Value power) {
    long[] one = {0, 0, 1, 0};
    return g.pad(g.slice(power, 2, 1, -1), one, one, 0);
  }

  /** One part of the transform of each channel: from [N, C, T] to [N, C, frequencies, frames]. */
  private static Value convolved(OperationCall call, Value x, String part) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    long length = config.integer("frame_length", 256);
    long step = config.has("frame_step") ? config.integer("frame_step") : length / 2;
    long transformed =
        config.has("fft_length")
            ? config.integer("fft_length")
            : Long.highestOneBit(Math.max(1, 2 * length - 1));
    long frequencies = transformed / 2 + 1;
    Value kernel = g.cast(call.weight(part + "_kernel", length, 1, frequencies), x.dtype());
    Window window =
        Convolutions.padded(
            Window.valid(List.of(length), List.of(step), List.of(1L)),
            config.string("padding", "valid"),
            ChannelLayout.FIRST,
            x);
    long channels = x.shape().size(1);
    Value repeated = g.tile(kernel, 1, 1, channels);
    Value frames = Convolutions.convolve(g, x, repeated, Value.NONE, window);
    return g.reshape(
        frames, Shape.of(x.dim(0), Dim.of(channels), Dim.of(frequencies), frames.dim(2)));
  }

  /** [N, C, F, T] as the layer gives it. */
  private static Value arranged(OperationCall call, ChannelLayout layout, Value x) {
    GraphBuilder g = call.graph();
    boolean last = layout == ChannelLayout.LAST;
    if (call.config().bool("expand_dims", false)) {
      return last ? g.transpose(x, 0, 3, 2, 1) : g.transpose(x, 0, 1, 3, 2);
    }
    long rows = x.shape().size(1) * x.shape().size(2);
    Value joined = g.reshape(x, Shape.of(x.dim(0), Dim.of(rows), x.dim(3)));
    return last ? g.transpose(joined, 0, 2, 1) : joined;
  }

  private static Nested<KerasTensor> melSpectrogram(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    DType dtype = call.computeType() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Value x = g.cast(call.input(), dtype);
    int length = Math.toIntExact(config.integer("fft_length", 2048));
    int frame = Math.toIntExact(config.integer("sequence_length", length));
    double[] window = Signals.window(config.string("window", "hann"), frame);
    Signals.Parts transformed =
        Signals.shortTimeTransform(
            g, x, window, length, config.integer("sequence_stride", 512), true);
    Value power = g.add(g.square(transformed.real()), g.square(transformed.imaginary()));
    Value magnitudes = g.pow(g.sqrt(power), config.real("mag_exp", 2));
    Value mel = g.matMul(magnitudes, g.cast(melWeights(call, length / 2 + 1), dtype));
    Value scaled = config.bool("power_to_db", true) ? decibels(call, mel) : mel;
    return output(g.cast(g.swapAxes(scaled, -1, -2), call.computeType()));
  }

  private static Value decibels(OperationCall call, Value mel) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    double least = config.real("min_power", 1e-10);
    double reference = Math.max(Math.abs(config.real("ref_power", 1)), least);
    Value level = g.mul(g.log(g.max(mel, least)), 10 / Math.log(10));
    Value relative = g.sub(level, 10 * Math.log10(reference));
    Value floor = g.sub(g.reduceMax(relative, false), config.real("top_db", 80));
    return g.max(relative, floor);
  }

  /**
   * Triangles, evenly spaced on the mel scale: [frequencies, mel bins]. In float32 as Keras's:
   * where a triangle is nearly 0 its digits are those of the rounding.
   */
  private static Value melWeights(OperationCall call, int frequencies) {
    Config config = call.config();
    float rate = (float) config.real("sampling_rate", 16000);
    int bins = Math.toIntExact(config.integer("num_mel_bins", 128));
    float highest = (float) (config.has("max_freq") ? config.real("max_freq") : (long) (rate / 2));
    float[] hertz = spaced(0, rate / 2, frequencies);
    float[] edges = spaced(mel((float) config.real("min_freq", 20)), mel(highest), bins + 2);
    float[] weights = new float[frequencies * bins];
    for (int i = 1; i < frequencies; i++) {
      float at = mel(hertz[i]);
      for (int j = 0; j < bins; j++) {
        float rising = (at - edges[j]) / (edges[j + 1] - edges[j]);
        float falling = (edges[j + 2] - at) / (edges[j + 2] - edges[j + 1]);
        weights[i * bins + j] = Math.max(0, Math.min(rising, falling));
      }
    }
    return call.graph().constant(Tensor.ofFloats(new long[] {frequencies, bins}, weights));
  }

  private static float mel(float hertz) {
    return HIGH_FREQUENCY_Q * (float) Math.log(1 + hertz / BREAK_FREQUENCY);
  }

  /** {@code tf.linspace}. */
  private static float[] spaced(float first, float last, int count) {
    float step = (last - first) / (count - 1);
    float[] spaced = new float[count];
    for (int i = 0; i < count; i++) {
      spaced[i] = first + step * i;
    }
    spaced[count - 1] = last;
    return spaced;
  }
}
