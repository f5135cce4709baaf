package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;

/**
 * {@code keras.ops.image}: color spaces, of an image or a batch of them. Follows {@code
 * keras/src/backend/tensorflow/image.py} and TensorFlow's {@code colorspace_op.h}.
 */
public final class ColorOps {
  private static final double[] LUMA = {0.2989, 0.587, 0.114};

  private ColorOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("image", "RGBToGrayscale", ColorOps::rgbToGrayscale)
            .parameters("images"),
        Lowering.operation("image", "RGBToHSV", ColorOps::rgbToHsv).parameters("images"),
        Lowering.operation("image", "HSVToRGB", ColorOps::hsvToRgb).parameters("images"));
  }

  private static int channelAxis(Operands operands, Value images) {
    boolean first = operands.string("data_format", "channels_last").equals("channels_first");
    return images.rank() - (first ? 3 : 1);
  }

  private static Nested<KerasTensor> rgbToGrayscale(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int axis = channelAxis(operands, images);
    if (images.shape().size(axis) == 1) {
      return output(images);
    }
    DType dtype = Promotion.withFloat(images.dtype());
    Value last = g.moveAxis(g.cast(images, dtype), axis, -1);
    Value weights = g.constant(HostTensors.ofReals(dtype, new long[] {LUMA.length, 1}, LUMA));
    Value gray = g.moveAxis(g.matMul(last, weights), -1, axis);
    return output(g.cast(gray, images.dtype()));
  }

  private static Nested<KerasTensor> rgbToHsv(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int axis = channelAxis(operands, images);
    List<Value> rgb = g.split(images, axis, 3);
    Value red = rgb.get(0);
    Value green = rgb.get(1);
    Value blue = rgb.get(2);
    Value value = g.max(g.max(red, green), blue);
    Value range = g.sub(value, g.min(g.min(red, green), blue));
    Value zero = g.scalar(images.dtype(), 0);
    Value saturation = g.where(g.greater(value, zero), g.div(range, value), zero);

    Value sixth = g.reciprocal(g.mul(range, 6));
    Value fromRed = g.mul(sixth, g.sub(green, blue));
    Value fromGreen = g.add(g.mul(sixth, g.sub(blue, red)), 2.0 / 6);
    Value fromBlue = g.add(g.mul(sixth, g.sub(red, green)), 4.0 / 6);
    Value turn =
        g.where(g.equal(red, value), fromRed, g.where(g.equal(green, value), fromGreen, fromBlue));
    Value colored = g.where(g.greater(range, zero), turn, zero);
    Value hue = g.where(g.less(colored, zero), g.add(colored, 1), colored);
    return output(g.concat(axis, hue, saturation, value));
  }

  private static Nested<KerasTensor> hsvToRgb(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int axis = channelAxis(operands, images);
    List<Value> hsv = g.split(images, axis, 3);
    Value hue = g.mul(hsv.get(0), 6);
    Value saturation = hsv.get(1);
    Value value = hsv.get(2);
    Value red = g.clip(g.sub(g.abs(g.sub(hue, 3)), 1), 0, 1);
    Value green = g.clip(g.sub(2, g.abs(g.sub(hue, 2))), 0, 1);
    Value blue = g.clip(g.sub(2, g.abs(g.sub(hue, 4))), 0, 1);
    Value white = g.sub(1, saturation);
    List<Value> rgb =
        List.of(red, green, blue).stream()
            .map(color -> g.mul(g.add(white, g.mul(saturation, color)), value))
            .toList();
    return output(g.concat(axis, rgb));
  }
}
