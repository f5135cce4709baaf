package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.VariableScope;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.layers.ImageResizing;
import io.alphorn.compiler.layers.Resampling;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import java.util.List;

/** Image layers that do something at inference: Resizing, CenterCrop, AutoContrast, Pipeline. */
public final class ImageLayers {
  private ImageLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Resizing", ImageLayers::resizing)
            .arguments(
                "height",
                "width",
                "interpolation",
                "antialias",
                "crop_to_aspect_ratio",
                "pad_to_aspect_ratio",
                "fill_mode",
                "fill_value",
                "data_format")
            .masking(Masking.STOP),
        Lowering.layer("CenterCrop", ImageLayers::centerCrop)
            .arguments("height", "width", "data_format")
            .masking(Masking.STOP),
        Lowering.layer("AutoContrast", ImageLayers::autoContrast)
            .arguments("value_range", "data_format")
            .masking(Masking.STOP),
        Lowering.layer("Pipeline", ImageLayers::pipeline)
            .arguments("layers")
            .parameters("inputs", "training", "mask")
            .masking(Masking.OWN));
  }

  /** The axes of height and width, counted from the end: images may come one by one. */
  private record Plane(int height, int width) {
    static Plane of(OperationCall call, Value x) {
      return isChannelsFirst(call)
          ? new Plane(x.rank() - 2, x.rank() - 1)
          : new Plane(x.rank() - 3, x.rank() - 2);
    }
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/ */
  private static Nested<KerasTensor> resizing(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = call.input();
    ImageResizing resizing =
        new ImageResizing(
            config.integer("height"),
            config.integer("width"),
            Resampling.of(
                config.string("interpolation", "bilinear"), config.bool("antialias", false)),
            ImageResizing.Frame.of(
                config.bool("crop_to_aspect_ratio", false),
                config.bool("pad_to_aspect_ratio", false)),
            config.real("fill_value", 0),
            isChannelsFirst(call));
    return output(rounded(g, resizing.apply(g, x), x.dtype()));
  }

  private static boolean isChannelsFirst(OperationCall call) {
    return call.config().string("data_format", "channels_last").equals("channels_first");
  }

  /** Back in the images' own type, integers rounded and held in their range. */
  private static Value rounded(GraphBuilder g, Value x, DType dtype) {
    if (x.dtype() == dtype || !dtype.isInteger()) {
      return g.cast(x, dtype);
    }
    double lowest = dtype.isUnsigned() ? 0 : -Math.pow(2, 8.0 * dtype.bytes() - 1);
    double highest = Math.pow(2, 8.0 * dtype.bytes() - (dtype.isUnsigned() ? 0 : 1)) - 1;
    return g.cast(g.clip(g.round(x), lowest, highest), dtype);
  }

  private static long size(Value x, int axis) {
    if (!x.dim(axis).isKnown()) {
      throw AlphornException.unimplemented(
          "cropping needs images of a known size, found %s", x.shape());
    }
    return x.dim(axis).size();
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_preprocessing/center_crop/ */
  private static Nested<KerasTensor> centerCrop(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Plane plane = Plane.of(call, x);
    long height = call.config().integer("height");
    long width = call.config().integer("width");
    long top = size(x, plane.height()) - height;
    long left = size(x, plane.width()) - width;
    if (top >= 0 && left >= 0) {
      Value rows = g.slice(x, plane.height(), top / 2, top / 2 + height);
      return output(g.slice(rows, plane.width(), left / 2, left / 2 + width));
    }
    ImageResizing resizing =
        new ImageResizing(
            height,
            width,
            Resampling.of("bilinear", false),
            ImageResizing.Frame.CROP,
            0,
            isChannelsFirst(call));
    return output(g.cast(resizing.apply(g, x), x.dtype()));
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_augmentation/auto_contrast/ */
  private static Nested<KerasTensor> autoContrast(OperationCall call) {
    GraphBuilder g = call.graph();
    Value original = call.input();
    List<Double> range =
        call.config().has("value_range") ? call.config().reals("value_range") : List.of(0.0, 255.0);
    double from = range.get(0);
    double width = range.get(1) - from;
    Value x = g.cast(original, call.computeType());
    Value images = g.mul(g.div(g.sub(x, from), width), 255);
    Value low = g.reduceMin(images, true, 1, 2);
    Value high = g.reduceMax(images, true, 1, 2);
    Value scale = g.div(255, g.sub(high, low));
    Value stretched = g.add(g.mul(images, scale), g.mul(g.neg(low), scale));
    Value clipped = g.clip(stretched, 0, 255);
    Value back = g.add(g.mul(g.div(clipped, 255), width), from);
    return output(g.where(g.isNaN(back), x, back));
  }

  /** https://keras.io/api/layers/preprocessing_layers/pipeline/ */
  private static Nested<KerasTensor> pipeline(OperationCall call) {
    List<SerializedObject> layers = call.config().serializedList("layers");
    List<VariableScope> scopes = call.variables().children("_pipeline_layers", layers);
    KerasTensor flowing = call.inputTensor();
    for (int i = 0; i < layers.size(); i++) {
      flowing = call.call(layers.get(i), scopes.get(i), flowing);
    }
    return Nested.leaf(flowing);
  }
}
