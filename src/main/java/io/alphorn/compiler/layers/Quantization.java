package io.alphorn.compiler.layers;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Keras's quantized arithmetic ({@code keras/src/quantizers/quantizers.py}). Weights stay 8-bit
 * integers in the graph; those of four bits are unpacked to eight, for Keras packs along an axis
 * that ONNX does not.
 */
final class Quantization {
  private static final double FLOAT8_MAX = 448;
  private static final double DEFAULT_EPSILON = 1e-7;
  private static final int AMAX_HISTORY_LENGTH = 1024;

  private Quantization() {}

  /** Activations in 8 bits with the scale that was applied, one for each row. */
  record Activations(Value values, Value scale) {}

  /** How activations are quantized. */
  record AbsMax(double lowest, double highest, double epsilon) {
    static final AbsMax DEFAULT = new AbsMax(-127, 127, DEFAULT_EPSILON);

    /**
     * The quantizer that the layer's quantization_config holds; by default there is one for int8.
     */
    static Optional<AbsMax> of(OperationCall call) {
      JsonNode config = call.config().json().path("quantization_config");
      boolean int8 = "int8".equals(call.policy().quantizationMode());
      if (!config.isObject()) {
        return int8 ? Optional.of(DEFAULT) : Optional.empty();
      }
      JsonNode quantizer = config.path("config").path("activation_quantizer");
      if (!quantizer.isObject()) {
        return Optional.empty();
      }
      Config arguments = Config.of(quantizer.path("config"), call.path() + ".quantization_config");
      List<Double> range =
          arguments.has("value_range") ? arguments.reals("value_range") : List.of(-127.0, 127.0);
      return Optional.of(
          new AbsMax(range.get(0), range.get(1), arguments.real("epsilon", DEFAULT_EPSILON)));
    }

    /** Quantizes along axes, which share a scale. */
    Activations apply(GraphBuilder g, Value x, int... axes) {
      Value magnitude = g.reduceMax(g.abs(x), true, axes);
      Value scale = g.div(highest, g.add(magnitude, epsilon));
      Value rounded = g.clip(g.round(g.mul(x, scale)), lowest, highest);
      return new Activations(g.cast(rounded, DType.INT8), scale);
    }
  }

  /** How many elements share a scale in int4; -1 when all of a channel do. */
  static long blockSize(OperationCall call) {
    JsonNode block =
        call.config().json().path("quantization_config").path("config").path("block_size");
    long size = block.isIntegralNumber() ? block.longValue() : call.policy().blockSize();
    return size > 0 ? size : -1;
  }

  static AlphornException unsupportedMode(OperationCall call) {
    return call.unsupported("quantization mode \"" + call.policy().quantizationMode() + "\"");
  }

  /**
   * Two values a byte along the last axis, the first in the low half, to one a byte in [-8, 7].
   *
   * @param length of the last axis, for a padded last byte
   */
  static Value unpackInt4(GraphBuilder g, Value packed, long length) {
    long[] shape = packed.shape().sizes();
    long columns = shape[shape.length - 1];
    shape[shape.length - 1] = length;
    return unpack(g, packed, shape, index -> index / length * columns + index % length / 2, length);
  }

  /** The same along axis 0 of a matrix. */
  static Value unpackInt4Rows(GraphBuilder g, Value packed, long rows) {
    long columns = packed.shape().size(1);
    return g.transpose(
        unpack(
            g,
            packed,
            new long[] {columns, rows},
            index -> index % rows / 2 * columns + index / rows,
            rows),
        1,
        0);
  }

  /** The packed byte in which an unpacked element stands. */
  private interface Position {
    long of(long index);
  }

  private static Value unpack(
      GraphBuilder g, Value packed, long[] shape, Position position, long length) {
    Constant constant =
        g.constantOf(packed)
            .orElseThrow(() -> new IllegalStateException(packed + " is no constant"));
    ByteBuffer bytes = constant.read().bytes();
    ByteBuffer unpacked = Tensor.allocate(DType.INT8, shape);
    for (int i = 0; i < unpacked.limit(); i++) {
      byte both = bytes.get((int) position.of(i));
      boolean low = i % length % 2 == 0;
      unpacked.put(i, (byte) (low ? ((both & 0xF) ^ 8) - 8 : both >> 4));
    }
    return g.constant(Tensor.of(DType.INT8, shape, unpacked));
  }

  /**
   * The multiplier that a Keras scale stands for: Keras divides by the scales of whole channels,
   * and multiplies by those of blocks.
   */
  static Value reciprocal(GraphBuilder g, Value scale) {
    return g.div(1, scale);
  }

  /** {@code (weights - zero) * scale}, each element with the scale and zero of its group. */
  static Value dequantizeGroups(
      GraphBuilder g, Value weights, Value scale, Value zero, Value groups, int axis) {
    Value indices = g.cast(groups, DType.INT32);
    Value scales = g.gather(scale, indices, axis);
    Value zeros = g.cast(g.gather(zero, indices, axis), scales.dtype());
    return g.mul(g.sub(g.cast(weights, scales.dtype()), zeros), scales);
  }

  /** What float8 training leaves at inference: rounding to e4m3fn under a scale. */
  static Value roundToFloat8(GraphBuilder g, Value x, Value scale) {
    Value scaled = g.clip(g.div(x, g.cast(scale, x.dtype())), -FLOAT8_MAX, FLOAT8_MAX);
    return g.mul(g.roundToFloat8(scaled), g.cast(scale, x.dtype()));
  }

  /** The scales of a float8 layer's inputs and kernel; what only training needs is passed over. */
  record Float8Scales(Value inputs, Value kernel) {
    static Float8Scales of(OperationCall call) {
      if (call.training()) {
        throw call.unsupported("float8 in training, which scales by what it has seen");
      }
      Value inputs = call.variables().trainable("inputs_scale");
      call.variables().trainable("inputs_amax_history", AMAX_HISTORY_LENGTH);
      Value kernel = call.variables().trainable("kernel_scale");
      call.variables().trainable("kernel_amax_history", AMAX_HISTORY_LENGTH);
      call.variables().trainable("outputs_grad_scale");
      call.variables().trainable("outputs_grad_amax_history", AMAX_HISTORY_LENGTH);
      return new Float8Scales(inputs, kernel);
    }
  }

  /** Keras rounds the bias of a float32 layer to bfloat16 in float8 mode. */
  static Value float8Bias(OperationCall call, Value bias) {
    GraphBuilder g = call.graph();
    return call.computeType() == DType.FLOAT32
        ? g.cast(g.cast(bias, DType.BFLOAT16), DType.FLOAT32)
        : bias;
  }
}
