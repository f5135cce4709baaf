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
 * compute type; what some of them do in training is in {@link ImageAugmentation}.
 * https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 */
public final class RandomImageLayers {
  /** Arguments of all of them, in one version of Keras or another. */
  private static final String[] COMMON = {"data_format", "value_range", "bounding_box_format"};

  private RandomImageLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        layer("RandomFlip", RandomImageLayers::cast, ImageAugmentation::flip, "mode"),
        casting("RandomGaussianBlur", "factor", "kernel_size", "sigma"),
        casting("RandomSharpness", "factor"),
        passing("RandomHue", "factor"),
        casting("Solarization", "addition_factor", "threshold_factor"),
        layer(
            "RandomRotation",
            RandomImageLayers::cast,
            ImageAugmentation::rotation,
            "factor",
            "fill_mode",
            "fill_value",
            "interpolation"),
        layer(
            "RandomTranslation",
            RandomImageLayers::cast,
            ImageAugmentation::translation,
            "height_factor",
            "width_factor",
            "fill_mode",
            "fill_value",
            "interpolation"),
        layer(
            "RandomZoom",
            RandomImageLayers::cast,
            ImageAugmentation::zoom,
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
            "interpolation"));
    registry.addAll(
        layer("RandomBrightness", RandomImageLayers::pass, ImageAugmentation::brightness, "factor"),
        layer("RandomContrast", RandomImageLayers::pass, ImageAugmentation::contrast, "factor"),
        passing("RandomColorDegeneration", "factor"),
        passing(
            "RandomColorJitter",
            "brightness_factor",
            "contrast_factor",
            "saturation_factor",
            "hue_factor"),
        casting("RandomErasing", "factor", "scale", "fill_value"),
        passing("RandomGrayscale", "factor"),
        passing("RandomInvert", "factor"),
        passing("RandomPosterization", "factor"),
        passing("RandomSaturation", "factor"),
        passing("RandomCrop", "height", "width").withoutAutocast(),
        passing("Equalization", "bins"),
        passing("MaxNumBoundingBoxes", "max_number", "fill_value"),
        passing("MixUp", "alpha"),
        casting("CutMix", "factor", "alpha"),
        casting("RandAugment", "num_ops", "factor", "interpolation"),
        casting(
            "AugMix", "num_chains", "chain_depth", "factor", "alpha", "all_ops", "interpolation"));
  }

  private static Lowering passing(String name, String... arguments) {
    return layer(name, RandomImageLayers::pass, RandomImageLayers::refuse, arguments);
  }

  private static Lowering casting(String name, String... arguments) {
    return layer(name, RandomImageLayers::cast, RandomImageLayers::refuse, arguments);
  }

  private static Lowering layer(
      String name, Lowering.Function inference, Lowering.Function training, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + COMMON.length);
    System.arraycopy(COMMON, 0, all, arguments.length, COMMON.length);
    return Lowering.layer(
            name, call -> call.training() ? training.lower(call) : inference.lower(call))
        .arguments(all)
        .parameters("inputs", "training")
        .trainingByDefault()
        .masking(Masking.STOP);
  }

  private static Nested<KerasTensor> refuse(OperationCall call) {
    throw call.unsupported("augmentation in training");
  }

  private static Nested<KerasTensor> pass(OperationCall call) {
    return call.arguments().get("inputs");
  }

  private static Nested<KerasTensor> cast(OperationCall call) {
    return output(call.graph().cast(call.input(), call.computeType()));
  }
}
