package io.alphorn.compiler.layers;

import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The product of a quantized Dense layer, with its bias ({@code Dense._int8_call} and its kin). */
final class QuantizedDense {
  private final OperationCall call;
  private final GraphBuilder g;
  private final Value x;
  private final long inputs;
  private final long units;
  private final boolean useBias;

  private QuantizedDense(OperationCall call, Value x) {
    this.call = call;
    this.g = call.graph();
    this.x = x;
    this.inputs = x.shape().size(-1);
    this.units = call.config().integer("units");
    this.useBias = call.config().bool("use_bias", true);
  }

  static Value product(OperationCall call, Value x) {
    QuantizedDense dense = new QuantizedDense(call, x);
    return switch (String.valueOf(call.policy().quantizationMode())) {
      case "int8" -> dense.int8();
      case "int4" -> dense.int4();
      case "float8" -> dense.float8();
      default -> throw Quantization.unsupportedMode(call);
    };
  }

  private Value int8() {
    Value kernel = call.variables().nonTrainable("kernel", inputs, units);
    Value bias = bias();
    return plusBias(scaled(kernel, call.state("kernel_scale", units)), bias);
  }

  private Value int4() {
    Value packed = call.variables().nonTrainable("kernel", inputs, (units + 1) / 2);
    Value bias = bias();
    Value kernel = Quantization.unpackInt4(g, packed, units);
    long block = Quantization.blockSize(call);
    return plusBias(
        block < 0 ? scaled(kernel, call.state("kernel_scale", units)) : inBlocks(kernel, block),
        bias);
  }

  /** One scale a unit, by which Keras divides; activations may be quantized too. */
  private Value scaled(Value kernel, Value scale) {
    Optional<Quantization.AbsMax> quantizer = Quantization.AbsMax.of(call);
    if (quantizer.isEmpty()) {
      Value whole = g.dequantize(kernel, Quantization.reciprocal(g, scale), Value.NONE, 1, 0);
      return g.matMul(x, whole);
    }
    Quantization.Activations activations = quantizer.get().apply(g, x, -1);
    Value product = g.cast(g.matMulInteger(activations.values(), kernel), call.computeType());
    return g.div(product, g.mul(scale, activations.scale()));
  }

  private Value inBlocks(Value kernel, long block) {
    long groups = Math.ceilDiv(inputs, block);
    Value scale = call.variables().nonTrainable("kernel_scale", groups, units);
    Value zero = call.variables().nonTrainable("kernel_zero", groups, units);
    call.variables().nonTrainable("g_idx", inputs);
    Value whole = g.dequantize(kernel, scale, zero, 0, block);
    return g.matMul(x, g.cast(whole, call.computeType()));
  }

  private Value float8() {
    Value kernel = call.weight("kernel", inputs, units);
    Value bias = bias();
    Quantization.Float8Scales scales = Quantization.Float8Scales.of(call);
    Value product =
        g.matMul(
            Quantization.roundToFloat8(g, x, scales.inputs()),
            Quantization.roundToFloat8(g, kernel, scales.kernel()));
    return plusBias(product, bias == null ? null : Quantization.float8Bias(call, bias));
  }

  private @Nullable Value bias() {
    return useBias ? call.weight("bias", units) : null;
  }

  private Value plusBias(Value product, @Nullable Value bias) {
    return bias == null ? product : g.add(product, bias);
  }
}
