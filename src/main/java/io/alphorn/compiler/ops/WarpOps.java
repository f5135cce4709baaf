package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code keras.ops.image}: images read at computed places, in Java. Follows {@code
 * keras/src/backend/tensorflow/image.py}.
 */
public final class WarpOps {
  private WarpOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("image", "AffineTransform", WarpOps::affineTransform)
            .parameters("images", "transform"),
        Lowering.operation("image", "PerspectiveTransform", WarpOps::perspectiveTransform)
            .parameters("images", "start_points", "end_points"),
        Lowering.operation("image", "MapCoordinates", WarpOps::mapCoordinates)
            .parameters("inputs", "coordinates"));
  }

  private static ProjectiveTransform transform(Operands operands) {
    String interpolation = operands.string("interpolation", "bilinear");
    if (!interpolation.equals("bilinear") && !interpolation.equals("nearest")) {
      throw AlphornException.invalidArgument(
          "argument 'interpolation' must be 'bilinear' or 'nearest', found '%s'", interpolation);
    }
    return new ProjectiveTransform(
        interpolation.equals("bilinear"),
        fillMode(operands, FillMode.CONSTANT),
        (float) operands.real("fill_value", 0));
  }

  static FillMode fillMode(Operands operands, FillMode otherwise) {
    String mode = operands.string("fill_mode", otherwise.name().toLowerCase(Locale.ROOT));
    return Arrays.stream(FillMode.values())
        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(mode))
        .findFirst()
        .orElseThrow(
            () -> AlphornException.invalidArgument("argument 'fill_mode' cannot be '%s'", mode));
  }

  private static Nested<KerasTensor> affineTransform(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    ProjectiveTransform transform = transform(operands);
    Value coefficients = operands.get("transform").as(DType.FLOAT32);
    return output(
        warped(
            g,
            operands,
            List.of(coefficients),
            inputs -> transform.apply(inputs.get(0), HostTensors.reals(inputs.get(1)))));
  }

  private static Nested<KerasTensor> perspectiveTransform(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    ProjectiveTransform transform = transform(operands);
    List<Value> points = operands.as(DType.FLOAT32, "start_points", "end_points");
    return output(
        warped(
            g,
            operands,
            points,
            inputs ->
                transform.apply(
                    inputs.get(0),
                    Homographies.coefficients(
                        HostTensors.reals(inputs.get(1)), HostTensors.reals(inputs.get(2))))));
  }

  /** From images of [batch, height, width, channels] and numbers to images. */
  @FunctionalInterface
  private interface Warp {
    Tensor apply(List<Tensor> inputs);
  }

  private static Value warped(GraphBuilder g, Operands operands, List<Value> numbers, Warp warp) {
    ChannelLayout layout = WindowOps.layout(operands);
    return ImageOps.batched(
        g,
        operands.tensor("images"),
        ImageOps.IMAGE_RANK,
        batch -> {
          Value last = layout == ChannelLayout.FIRST ? g.moveAxis(batch, 1, -1) : batch;
          List<Value> inputs = new ArrayList<>(List.of(last));
          inputs.addAll(numbers);
          Value moved =
              g.host(
                  "ProjectiveTransform",
                  inputs,
                  last.dtype(),
                  last.shape(),
                  tensors -> List.of(warp.apply(tensors)));
          return layout == ChannelLayout.FIRST ? g.moveAxis(moved, -1, 1) : moved;
        });
  }

  private static Nested<KerasTensor> mapCoordinates(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("inputs");
    Value coordinates = operands.tensor("coordinates");
    long order = operands.integer("order");
    if (order != 0 && order != 1) {
      throw AlphornException.unimplemented(
          "argument 'order' = %d is not supported; Keras knows 0 and 1", order);
    }
    CoordinateMap map =
        new CoordinateMap(
            order == 1, fillMode(operands, FillMode.CONSTANT), operands.real("fill_value", 0));
    return output(
        g.host(
            "MapCoordinates",
            List.of(x, coordinates),
            x.dtype(),
            coordinates.shape().without(0),
            inputs -> List.of(map.apply(inputs.get(0), inputs.get(1)))));
  }
}
