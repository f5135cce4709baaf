package io.alphorn.archive;

import io.alphorn.archive.LegacyWeights.LayerWeights;
import io.alphorn.error.AlphornException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The HDF5 layout of Keras before version 3, which Keras 3 still writes for {@code .h5}: the
 * configuration is an attribute of the root, and attributes list layers and weights in order. Reads
 * as Keras's {@code legacy_h5_format.py} does.
 */
final class LegacyHdf5 {
  private static final String MODEL_CONFIG = "model_config";
  private static final String MODEL_WEIGHTS = "model_weights";
  private static final String KERAS_VERSION = "keras_version";
  private static final String LAYER_NAMES = "layer_names";
  private static final String WEIGHT_NAMES = "weight_names";
  private static final String TOP_LEVEL = "top_level_model_weights";
  private static final String VERSION_BEFORE_IT_WAS_SAVED = "1";

  private LegacyHdf5() {}

  /** Opens a whole model. */
  static KerasArchive openModel(Path path, Bytes file, Budget budget) {
    Hdf5Group root = Hdf5File.read(file, budget);
    String config =
        text(root, MODEL_CONFIG)
            .orElseThrow(
                () ->
                    AlphornException.invalidArgument(
                        "%s: weights without a model: no attribute \"model_config\". Put the"
                            + " model's config.json (model.to_json()) beside them",
                        file.name()));
    Hdf5Group weights =
        root.group(MODEL_WEIGHTS)
            .orElseThrow(
                () ->
                    AlphornException.invalidArgument(
                        "%s: damaged: no group \"model_weights\"", file.name()));
    LegacyWeights legacy = read(file.name(), weights);
    return new KerasArchive(
        path,
        ArchiveConfig.read(file.name() + ": " + MODEL_CONFIG, config, budget.limits()),
        text(root, KERAS_VERSION).orElse(legacy.kerasVersion()),
        new Hdf5Weights(root, Optional.of(legacy)),
        Assets.NONE);
  }

  /** The ordered weights of a file, if it has any: at its root or in its {@code model_weights}. */
  static Optional<LegacyWeights> find(String file, Hdf5Group root) {
    return root.group(MODEL_WEIGHTS)
        .or(() -> Optional.of(root))
        .filter(
            group ->
                group.attributes().containsKey(LAYER_NAMES)
                    || group.attributes().containsKey(LAYER_NAMES + "0"))
        .map(group -> read(file, group));
  }

  private static LegacyWeights read(String file, Hdf5Group group) {
    List<LayerWeights> layers = new ArrayList<>();
    for (String layer : texts(group, LAYER_NAMES)) {
      Hdf5Group layerGroup =
          group
              .group(layer)
              .orElseThrow(
                  () ->
                      AlphornException.invalidArgument(
                          "%s: damaged: layer '%s' is listed, but has no group", file, layer));
      layers.add(new LayerWeights(layer, tensors(file, layer, layerGroup)));
    }
    List<StoredTensor> topLevel =
        group.group(TOP_LEVEL).map(top -> tensors(file, TOP_LEVEL, top)).orElse(List.of());
    String version = text(group, KERAS_VERSION).orElse(VERSION_BEFORE_IT_WAS_SAVED);
    return new LegacyWeights(version, layers, topLevel);
  }

  private static List<StoredTensor> tensors(String file, String layer, Hdf5Group group) {
    List<StoredTensor> tensors = new ArrayList<>();
    for (String weight : texts(group, WEIGHT_NAMES)) {
      tensors.add(
          group
              .dataset(weight)
              .orElseThrow(
                  () ->
                      AlphornException.invalidArgument(
                          "%s: damaged: weight '%s' of layer '%s' is listed, but missing",
                          file, weight, layer)));
    }
    return tensors;
  }

  private static Optional<String> text(Hdf5Group group, String name) {
    return Optional.ofNullable(group.attributes().get(name))
        .flatMap(attribute -> attribute.texts().stream().findFirst());
  }

  /**
   * A list of names. One that would not fit an object header of 64 KiB is split over attributes
   * {@code name0}, {@code name1} and so on.
   */
  private static List<String> texts(Hdf5Group group, String name) {
    Map<String, Hdf5Attribute> attributes = group.attributes();
    Hdf5Attribute whole = attributes.get(name);
    if (whole != null) {
      return whole.texts();
    }
    List<String> names = new ArrayList<>();
    for (int part = 0; attributes.get(name + part) instanceof Hdf5Attribute attribute; part++) {
      names.addAll(attribute.texts());
    }
    return names;
  }
}
