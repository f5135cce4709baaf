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
      boolean first = call.config().string("data_format", "channels_last").equals("channels_first");
      return first ? new Plane(x.rank() - 2, x.rank() - 1) : new Plane(x.rank() - 3, x.rank() - 2);
    }
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/ */
  private static Nested<KerasTensor> resizing(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = call.input();
    Plane plane = Plane.of(call, x);
    long height = config.integer("height");
    long width = config.integer("width");
    Value framed = x;
    if (config.bool("crop_to_aspect_ratio", false)) {
      framed = cropped(g, x, plane, height, width);
    } else if (config.bool("pad_to_aspect_ratio", false)) {
      framed = padded(call, x, plane, height, width);
    }
    Resampling resampling =
        Resampling.of(config.string("interpolation", "bilinear"), config.bool("antialias", false));
    Value tall = resampling.resize(g, framed, plane.height(), height);
    Value resized = resampling.resize(g, tall, plane.width(), width);
    return output(rounded(g, resized, x.dtype()));
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

  private static Value cropped(GraphBuilder g, Value x, Plane plane, long height, long width) {
    long sourceHeight = size(x, plane.height());
    long sourceWidth = size(x, plane.width());
    long cropHeight = (long) ((float) (sourceWidth * height) / width);
    long cropWidth = (long) ((float) (sourceHeight * width) / height);
    cropHeight = Math.max(Math.min(sourceHeight, cropHeight), 1);
    cropWidth = Math.max(Math.min(sourceWidth, cropWidth), 1);
    long top = (sourceHeight - cropHeight) / 2;
    long left = (sourceWidth - cropWidth) / 2;
    Value rows = g.slice(x, plane.height(), top, top + cropHeight);
    return g.slice(rows, plane.width(), left, left + cropWidth);
  }

  private static Value padded(OperationCall call, Value x, Plane plane, long height, long width) {
    GraphBuilder g = call.graph();
    long sourceHeight = size(x, plane.height());
    long sourceWidth = size(x, plane.width());
    long padHeight = Math.max(sourceHeight, (long) ((float) (sourceWidth * height) / width));
    long padWidth = Math.max(sourceWidth, (long) ((float) (sourceHeight * width) / height));
    long[] pads = new long[x.rank()];
    pads[plane.height()] = (padHeight - sourceHeight) / 2;
    pads[plane.width()] = (padWidth - sourceWidth) / 2;
    return g.pad(x, pads, pads, call.config().real("fill_value", 0));
  }

  private static long size(Value x, int axis) {
    if (!x.dim(axis).isKnown()) {
      throw AlphornException.unimplemented(
          "cropping or padding to an aspect ratio needs images of a known size, found %s",
          x.shape());
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
    Value frame = cropped(g, x, plane, height, width);
    Resampling resampling = Resampling.of("bilinear", false);
    Value tall = resampling.resize(g, frame, plane.height(), height);
    return output(g.cast(resampling.resize(g, tall, plane.width(), width), x.dtype()));
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
