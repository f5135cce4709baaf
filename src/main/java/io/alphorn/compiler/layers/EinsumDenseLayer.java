package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Addition;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** EinsumDense, in float and quantized ({@code keras/src/layers/core/einsum_dense.py}). */
public final class EinsumDenseLayer {
  private final OperationCall call;
  private final GraphBuilder g;
  private final Value x;
  private final EinsumEquation equation;
  private final List<Dim> outputDims;
  private final long[] kernelShape;

  private EinsumDenseLayer(OperationCall call) {
    this.call = call;
    this.g = call.graph();
    this.x = g.cast(call.input(), call.computeType());
    this.equation = EinsumEquation.of(call.config().string("equation"), x.rank());
    this.outputDims = equation.outputDims(x.shape(), outputShape(call));
    this.kernelShape = equation.kernelShape(x.shape(), outputDims);
  }

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.layer("EinsumDense", call -> new EinsumDenseLayer(call).lower())
            .arguments(
                "equation", "output_shape", "activation", "bias_axes", "gptq_unpacked_column_size")
            .masking(Masking.STOP));
  }

  private static List<Long> outputShape(OperationCall call) {
    JsonNode shape = call.config().get("output_shape");
    List<Long> sizes = new ArrayList<>();
    for (JsonNode size : shape.isArray() ? shape : List.of(shape)) {
      sizes.add(size.isNull() ? -1 : size.longValue());
    }
    return sizes;
  }

  private Nested<KerasTensor> lower() {
    Value product =
        call.policy().isQuantized()
            ? quantized()
            : plusBias(equation.apply(g, x, call.weight("kernel", kernelShape)), bias());
    return output(call.activate("activation", product));
  }

  private @Nullable Value bias() {
    String axes = call.config().string("bias_axes", "");
    return axes.isEmpty() ? null : call.weight("bias", equation.biasShape(axes, outputDims));
  }

  private Value plusBias(Value product, @Nullable Value bias) {
    return bias == null ? product : Addition.add(g, product, bias);
  }

  private Value quantized() {
    return switch (String.valueOf(call.policy().quantizationMode())) {
      case "int8" -> int8();
      case "int4" -> int4();
      case "float8" -> float8();
      default -> throw Quantization.unsupportedMode(call);
    };
  }

  private Value int8() {
    Value kernel = call.variables().nonTrainable("kernel", kernelShape);
    Value bias = bias();
    Value scale = call.state("kernel_scale", storedShape("kernel_scale"));
    Optional<Quantization.AbsMax> quantizer = Quantization.AbsMax.of(call);
    if (quantizer.isEmpty()) {
      Value one = g.scalar(call.computeType(), 1);
      Value product = equation.apply(g, x, g.dequantize(kernel, one, Value.NONE, 0, 0));
      return plusBias(g.div(product, scale), bias);
    }
    Quantization.Activations rows = quantizer.get().apply(g, x, equation.reducedInputAxes());
    Value sums = equation.apply(g, rows.values(), kernel, g::matMulInteger);
    Value scales = g.mul(equation.alignToOutput(g, rows.scale()), scale);
    return plusBias(g.div(g.cast(sums, call.computeType()), scales), bias);
  }

  /** Keras keeps the scale in a shape that broadcasts with the output. */
  private long[] storedShape(String name) {
    return call.variables()
        .peek()
        .map(StoredTensor::shape)
        .orElseThrow(
            () ->
                AlphornException.invalidArgument("variable '%s' is missing in the weights", name));
  }

  /** The kernel is stored as a matrix: its reduced axes as rows, all others as columns. */
  private Value int4() {
    long rows = 1;
    for (int axis : equation.reducedKernelAxes()) {
      rows *= kernelShape[axis];
    }
    long columns = Tensor.elements(kernelShape) / rows;
    Value packed = call.variables().nonTrainable("kernel", rows, (columns + 1) / 2);
    Value bias = bias();
    Value matrix = Quantization.unpackInt4(g, packed, columns);
    Value whole = g.cast(dequantized(matrix, rows, columns), call.computeType());
    Value kernel = g.reshape(whole, kernelShape);
    Optional<Quantization.AbsMax> quantizer = Quantization.AbsMax.of(call);
    if (quantizer.isEmpty()) {
      return plusBias(equation.apply(g, x, kernel), bias);
    }
    Quantization.Activations activations = quantizer.get().apply(g, x, equation.reducedInputAxes());
    Value values = g.cast(activations.values(), call.computeType());
    Value scale = equation.alignToOutput(g, activations.scale());
    return plusBias(g.div(equation.apply(g, values, kernel), scale), bias);
  }

  private Value dequantized(Value matrix, long rows, long columns) {
    long block = Quantization.blockSize(call);
    if (block < 0) {
      Value scale = call.variables().nonTrainable("kernel_scale", columns);
      return g.dequantize(matrix, Quantization.reciprocal(g, scale), Value.NONE, 1, 0);
    }
    long groups = Math.ceilDiv(rows, block);
    Value scale = call.variables().nonTrainable("kernel_scale", groups, columns);
    Value zero = call.variables().nonTrainable("kernel_zero", groups, columns);
    call.variables().nonTrainable("g_idx", rows);
    return g.dequantize(matrix, scale, zero, 0, block);
  }

  private Value float8() {
    Value kernel = call.weight("kernel", kernelShape);
    Value bias = bias();
    Quantization.Float8Scales scales = Quantization.Float8Scales.of(call);
    Value product =
        equation.apply(
            g,
            Quantization.roundToFloat8(g, x, scales.inputs()),
            Quantization.roundToFloat8(g, kernel, scales.kernel()));
    return plusBias(product, bias == null ? null : Quantization.float8Bias(call, bias));
  }
}
