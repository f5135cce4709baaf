package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.compiler.layers.Convolutions;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * {@code keras.ops.image.elastic_transform}: each pixel is read where a smoothed field of random
 * numbers moves it, the same distance down and to the right. Follows {@code
 * keras/src/backend/tensorflow/image.py}.
 */
public final class ElasticTransforms {
  private static final double ALPHA = 20;
  private static final double SIGMA = 5;

  private ElasticTransforms() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("image", "ElasticTransform", ElasticTransforms::elasticTransform)
            .parameters("images"));
  }

  private static Nested<KerasTensor> elasticTransform(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    if (!operands.has("seed")) {
      throw AlphornException.unimplemented(
          "argument 'seed' must be a number: without one each call would answer otherwise");
    }
    PhiloxRandom random = PhiloxRandom.ofSeed(operands.integer("seed"));
    CoordinateMap map =
        new CoordinateMap(
            operands.string("interpolation", "bilinear").equals("bilinear"),
            WarpOps.fillMode(operands, FillMode.REFLECT),
            operands.real("fill_value", 0));
    double alpha = operands.real("alpha", ALPHA);
    double sigma = operands.real("sigma", SIGMA);
    ChannelLayout layout = WindowOps.layout(operands);
    return output(
        ImageOps.batched(
            g,
            operands.tensor("images"),
            ImageOps.IMAGE_RANK,
            batch ->
                layout.around(
                    g,
                    batch,
                    images -> {
                      Value moves = g.mul(smoothed(g, noise(g, images, random), sigma), alpha);
                      return moved(g, images, moves, map);
                    })));
  }

  /** Normal numbers of [batch, 1, height, width]. */
  private static Value noise(GraphBuilder g, Value images, PhiloxRandom random) {
    DType dtype = images.dtype();
    return g.host(
        "StatelessNormal",
        List.of(images),
        dtype,
        images.shape().with(1, 1),
        inputs -> {
          long[] shape = inputs.getFirst().shape();
          shape[1] = 1;
          int count = Math.toIntExact(Tensor.elements(shape));
          double[] numbers =
              dtype == DType.FLOAT64 ? random.normalDoubles(count) : random.normalFloats(count);
          return List.of(HostTensors.ofReals(dtype, shape, numbers));
        });
  }

  private static Value smoothed(GraphBuilder g, Value noise, double sigma) {
    long length = 6 * (long) sigma | 1;
    List<Long> size = List.of(length, length);
    double[] weights = ImageOps.gaussian(Math.toIntExact(length), sigma);
    Window window = Convolutions.padded(ImageOps.unit(size), "same", ChannelLayout.FIRST, noise);
    Value scaled = g.mul(noise, sigma);
    return ImageOps.filtered(g, scaled, ImageOps.outer(weights, weights), size, window);
  }

  /** Images of [batch, channels, height, width], each pixel read as far away as it says. */
  private static Value moved(GraphBuilder g, Value images, Value moves, CoordinateMap map) {
    DType dtype = images.dtype();
    Shape shape = images.shape();
    Value rows = g.add(along(g, images, 2), moves);
    Value columns = g.add(along(g, images, 3), moves);
    Value coordinates =
        g.stack(
            0,
            List.of(
                g.expand(along(g, images, 0), shape),
                g.expand(along(g, images, 1), shape),
                g.expand(rows, shape),
                g.expand(columns, shape)));
    return g.host(
        "MapCoordinates",
        List.of(images, coordinates),
        dtype,
        shape,
        inputs -> List.of(map.apply(inputs.get(0), inputs.get(1))));
  }

  /** The place of each element along an axis. */
  private static Value along(GraphBuilder g, Value images, int axis) {
    Shape shape = Shape.of(images.dim(axis));
    for (int after = axis + 1; after < images.rank(); after++) {
      shape = shape.append(Dim.of(1));
    }
    return g.reshape(g.range(images.dim(axis), images.dtype()), shape);
  }
}
