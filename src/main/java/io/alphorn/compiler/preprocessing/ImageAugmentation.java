package io.alphorn.compiler.preprocessing;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;

/**
 * What random image layers do in training, to each image by numbers of its own that each run draws
 * anew. Follows {@code keras/src/layers/preprocessing/image_preprocessing}.
 */
final class ImageAugmentation {
  private static final int IMAGE_RANK = 3;
  private static final double RADIANS_OF_TURN = 2 * Math.PI;

  /** Bounds of what is drawn. */
  private record Range(double lower, double upper) {}

  private final OperationCall call;
  private final GraphBuilder g;
  private final Config config;
  private final Value images;
  private final boolean channelsFirst;
  private int draws;

  private ImageAugmentation(OperationCall call, Value images) {
    this.call = call;
    this.g = call.graph();
    this.config = call.config();
    this.images = images;
    this.channelsFirst = config.string("data_format", "channels_last").equals("channels_first");
  }

  private static ImageAugmentation of(OperationCall call) {
    return new ImageAugmentation(call, call.input());
  }

  /** Of a layer that gives back its compute type, whatever comes. */
  private static ImageAugmentation casting(OperationCall call) {
    return new ImageAugmentation(call, call.graph().cast(call.input(), call.computeType()));
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_flip/ */
  static Nested<KerasTensor> flip(OperationCall call) {
    return OperationCall.output(casting(call).flipped());
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_brightness/ */
  static Nested<KerasTensor> brightness(OperationCall call) {
    return OperationCall.output(of(call).brightened());
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_contrast/ */
  static Nested<KerasTensor> contrast(OperationCall call) {
    return OperationCall.output(of(call).contrasted());
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_rotation/ */
  static Nested<KerasTensor> rotation(OperationCall call) {
    return casting(call).rotated();
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_translation/ */
  static Nested<KerasTensor> translation(OperationCall call) {
    return casting(call).translated();
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_zoom/ */
  static Nested<KerasTensor> zoom(OperationCall call) {
    return casting(call).zoomed();
  }

  private int rowAxis() {
    return images.rank() - (channelsFirst ? 2 : 3);
  }

  private Dim batch() {
    return images.rank() == IMAGE_RANK ? Dim.of(1) : images.dim(0);
  }

  /** The shape of one number for each image, to meet all its pixels. */
  private Shape perImage() {
    Shape ones = Shape.of(1, 1, 1);
    return images.rank() == IMAGE_RANK ? ones : ones.insert(0, batch());
  }

  private Value uniform(Range range, Shape shape) {
    Value drawn = g.uniformLike(g.fill(shape, DType.FLOAT32, 0), call.seed(draws++));
    return g.add(g.mul(drawn, range.upper() - range.lower()), range.lower());
  }

  /** One number for each image: [B, 1]. */
  private Value column(Range range) {
    return uniform(range, Shape.of(batch(), Dim.of(1)));
  }

  /** A factor of the config: two bounds, or one number for it and its opposite. */
  private Range range(String argument, double least) {
    JsonNode factor = config.get(argument);
    if (factor.isNumber()) {
      double bound = Math.abs(factor.doubleValue());
      return new Range(Math.max(-bound, least), bound);
    }
    List<Double> bounds = config.reals(argument);
    return new Range(
        Math.min(bounds.getFirst(), bounds.getLast()),
        Math.max(bounds.getFirst(), bounds.getLast()));
  }

  private Value clipped(Value x) {
    List<Double> range =
        config.has("value_range") ? config.reals("value_range") : List.of(0.0, 255.0);
    return g.clip(x, range.getFirst(), range.getLast());
  }

  private Value flipped() {
    String mode = config.string("mode", "horizontal_and_vertical");
    Value flips = g.lessOrEqual(uniform(new Range(0, 1), perImage()), half());
    Value flipped = images;
    if (mode.contains("horizontal")) {
      flipped = g.where(flips, g.reverse(flipped, rowAxis() + 1), flipped);
    }
    return mode.contains("vertical")
        ? g.where(flips, g.reverse(flipped, rowAxis()), flipped)
        : flipped;
  }

  private Value half() {
    return g.scalar(DType.FLOAT32, 0.5);
  }

  private Value brightened() {
    List<Double> values =
        config.has("value_range") ? config.reals("value_range") : List.of(0.0, 255.0);
    Value delta = uniform(range("factor", -1), perImage());
    Value scaled = g.mul(delta, values.getLast() - values.getFirst());
    return clipped(g.add(images, g.cast(scaled, images.dtype())));
  }

  private Value contrasted() {
    if (!images.dtype().isFloating()) {
      throw call.unsupported("integer images in training");
    }
    Range range = range("factor", 0);
    Range around = new Range(1 - range.lower(), 1 + range.upper());
    Value factor = g.cast(uniform(around, perImage()), images.dtype());
    Value mean = g.reduceMean(g.reduceMean(images, true, rowAxis()), true, rowAxis() + 1);
    return clipped(g.add(g.mul(g.sub(images, mean), factor), mean));
  }

  private Nested<KerasTensor> rotated() {
    Range factor = range("factor", -1);
    Value angle = g.mul(column(factor), RADIANS_OF_TURN);
    Value cosine = g.unary("Cos", angle);
    Value sine = g.unary("Sin", angle);
    Value x = center(rowAxis() + 1);
    Value y = center(rowAxis());
    return transformed(
        cosine,
        g.neg(sine),
        g.sub(x, g.sub(g.mul(x, cosine), g.mul(y, sine))),
        sine,
        cosine,
        g.sub(y, g.add(g.mul(x, sine), g.mul(y, cosine))));
  }

  private Nested<KerasTensor> translated() {
    Value y = g.mul(column(range("height_factor", -1)), size(rowAxis()));
    Value x = g.mul(column(range("width_factor", -1)), size(rowAxis() + 1));
    return transformed(all(1), all(0), g.neg(x), all(0), all(1), g.neg(y));
  }

  private Nested<KerasTensor> zoomed() {
    Value y = g.add(column(range("height_factor", -1)), 1);
    Value x = config.has("width_factor") ? g.add(column(range("width_factor", -1)), 1) : y;
    return transformed(
        x,
        all(0),
        g.mul(center(rowAxis() + 1), g.sub(1, x)),
        all(0),
        y,
        g.mul(center(rowAxis()), g.sub(1, y)));
  }

  private Value size(int axis) {
    return g.cast(g.sizeOf(images.dim(axis)), DType.FLOAT32);
  }

  /** The middle between the first pixel and the last. */
  private Value center(int axis) {
    return g.div(g.sub(size(axis), 1), 2);
  }

  private Value all(double number) {
    return g.fill(Shape.of(batch(), Dim.of(1)), DType.FLOAT32, number);
  }

  /** The images under the affine map of these six coefficients, each [B, 1]. */
  private Nested<KerasTensor> transformed(
      Value a0, Value a1, Value a2, Value b0, Value b1, Value b2) {
    Value transform = g.concat(1, a0, a1, a2, b0, b1, b2, all(0), all(0));
    return call.operation(
        "AffineTransform",
        Map.of(
            "images", Nested.leaf(KerasTensor.of(images)),
            "transform", Nested.leaf(KerasTensor.of(transform)),
            "interpolation", new Nested.Text<>(config.string("interpolation", "bilinear")),
            "fill_mode", new Nested.Text<>(config.string("fill_mode", "reflect")),
            "fill_value", new Nested.Real<>(config.real("fill_value", 0)),
            "data_format", new Nested.Text<>(channelsFirst ? "channels_first" : "channels_last")));
  }
}
