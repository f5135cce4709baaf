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
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
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
            .trainingByDefault()
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
    return output(resizing.apply(g, x));
  }

  private static boolean isChannelsFirst(OperationCall call) {
    return call.config().string("data_format", "channels_last").equals("channels_first");
  }

  /** https://keras.io/api/layers/preprocessing_layers/image_preprocessing/center_crop/ */
  private static Nested<KerasTensor> centerCrop(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = g.cast(call.input(), call.computeType());
    Plane plane = Plane.of(call, x);
    long height = call.config().integer("height");
    long width = call.config().integer("width");
    if (isAtLeast(x, plane.height(), height) && isAtLeast(x, plane.width(), width)) {
      long top = (x.dim(plane.height()).size() - height) / 2;
      long left = (x.dim(plane.width()).size() - width) / 2;
      Value rows = g.slice(x, plane.height(), top, top + height);
      return output(g.slice(rows, plane.width(), left, left + width));
    }
    boolean isOpen = !x.dim(plane.height()).isKnown() || !x.dim(plane.width()).isKnown();
    ImageResizing resizing =
        new ImageResizing(
            height,
            width,
            Resampling.of("bilinear", false),
            isOpen ? ImageResizing.Frame.CENTER : ImageResizing.Frame.CROP,
            0,
            isChannelsFirst(call));
    Value cropped = resizing.resampled(g, x);
    return output(isOpen ? g.cast(cropped, x.dtype()) : cropped);
  }

  private static boolean isAtLeast(Value x, int axis, long size) {
    return x.dim(axis).isKnown() && x.dim(axis).size() >= size;
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
