package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.keras.Nested;
import java.util.Arrays;

/**
 * Image augmentation: at inference these layers give back what comes, some of them cast to their
 * compute type. https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 */
public final class RandomImageLayers {
  private RandomImageLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        casting("RandomFlip", "mode"),
        casting("RandomGaussianBlur", "factor", "kernel_size", "sigma", "value_range"),
        casting("RandomSharpness", "factor", "value_range"),
        casting("RandomHue", "factor", "value_range"),
        casting("Solarization", "addition_factor", "threshold_factor", "value_range"),
        casting("RandomRotation", "factor", "fill_mode", "fill_value", "interpolation"),
        casting(
            "RandomTranslation",
            "height_factor",
            "width_factor",
            "fill_mode",
            "fill_value",
            "interpolation"),
        casting(
            "RandomZoom",
            "height_factor",
            "width_factor",
            "fill_mode",
            "fill_value",
            "interpolation"),
        casting("RandomShear", "x_factor", "y_factor", "fill_mode", "fill_value", "interpolation"),
        casting("RandomPerspective", "factor", "scale", "fill_value", "interpolation"),
        casting(
            "RandomElasticTransform",
            "factor",
            "scale",
            "fill_mode",
            "fill_value",
            "interpolation",
            "value_range"));
    registry.addAll(
        passing("RandomBrightness", "factor", "value_range"),
        passing("RandomContrast", "factor", "value_range"),
        passing("RandomColorDegeneration", "factor", "value_range"),
        passing(
            "RandomColorJitter",
            "value_range",
            "brightness_factor",
            "contrast_factor",
            "saturation_factor",
            "hue_factor"),
        passing("RandomErasing", "factor", "scale", "fill_value", "value_range"),
        passing("RandomGrayscale", "factor"),
        passing("RandomInvert", "factor", "value_range"),
        passing("RandomPosterization", "factor", "value_range"),
        passing("RandomSaturation", "factor", "value_range"),
        passing("RandomCrop", "height", "width", "bounding_box_format"),
        passing("Equalization", "value_range", "bins"),
        passing("MaxNumBoundingBoxes", "max_number", "fill_value", "bounding_box_format"),
        passing("MixUp", "alpha"),
        passing("CutMix", "factor", "alpha"),
        passing("RandAugment", "value_range", "num_ops", "factor", "interpolation"),
        passing(
            "AugMix",
            "value_range",
            "num_chains",
            "chain_depth",
            "factor",
            "alpha",
            "all_ops",
            "interpolation"));
  }

  private static Lowering passing(String name, String... arguments) {
    return layer(name, call -> call.arguments().get("inputs"), arguments);
  }

  private static Lowering casting(String name, String... arguments) {
    return layer(name, RandomImageLayers::cast, arguments);
  }

  private static Lowering layer(String name, Lowering.Function function, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "data_format";
    all[arguments.length + 1] = "value_range";
    return Lowering.layer(name, function)
        .arguments(all)
        .parameters("inputs", "training")
        .masking(Masking.STOP);
  }

  private static Nested<KerasTensor> cast(OperationCall call) {
    return output(call.graph().cast(call.input(), call.computeType()));
  }
}
