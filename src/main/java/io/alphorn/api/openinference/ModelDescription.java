package io.alphorn.api.openinference;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.alphorn.api.codec.InferenceDatatypes;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** What the protocol tells of a model: its metadata, and what Triton calls its configuration. */
final class ModelDescription {
  private static final String PLATFORM = "keras_archive";
  private static final String BACKEND = "alphorn";

  private ModelDescription() {}

  private static List<Long> sizes(TensorSpec spec) {
    return Arrays.stream(spec.shape().sizes()).boxed().toList();
  }

  /** A tensor with -1 for each size that is open, as the first one, the batch, always is. */
  record TensorMetadata(String name, String datatype, List<Long> shape) {
    static TensorMetadata of(TensorSpec spec) {
      return new TensorMetadata(spec.name(), InferenceDatatypes.name(spec.dtype()), sizes(spec));
    }
  }

  /**
   * A model's metadata.
   *
   * @param versions those that serve
   */
  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<TensorMetadata> inputs,
      List<TensorMetadata> outputs) {}

  static Metadata metadata(Target target, List<String> versions) {
    return new Metadata(
        target.name(),
        versions,
        PLATFORM,
        target.inputs().stream().map(TensorMetadata::of).toList(),
        target.outputs().stream().map(TensorMetadata::of).toList());
  }

  /** A tensor in a configuration. */
  record TensorConfiguration(
      String name, @JsonProperty("data_type") String datatype, List<Long> dims) {
    static TensorConfiguration of(TensorSpec spec) {
      String datatype =
          spec.dtype() == DType.STRING ? "STRING" : InferenceDatatypes.name(spec.dtype());
      return new TensorConfiguration(spec.name(), "TYPE_" + datatype, sizes(spec));
    }
  }

  /** Which versions serve: the newest. */
  record VersionPolicy(Latest latest) {}

  /** So many of them. */
  record Latest(@JsonProperty("num_versions") int count) {}

  /**
   * A model's configuration.
   *
   * @param maxBatchSize 0, which says that shapes are given whole, the batch included
   */
  record Configuration(
      String name,
      String platform,
      String backend,
      @JsonProperty("version_policy") VersionPolicy versionPolicy,
      @JsonProperty("max_batch_size") int maxBatchSize,
      List<TensorConfiguration> input,
      List<TensorConfiguration> output) {}

  static Configuration configuration(Target target, int servedVersions) {
    return new Configuration(
        target.name(),
        PLATFORM,
        BACKEND,
        new VersionPolicy(new Latest(servedVersions)),
        0,
        target.inputs().stream().map(TensorConfiguration::of).toList(),
        target.outputs().stream().map(TensorConfiguration::of).toList());
  }
}
