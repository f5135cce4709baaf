package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.tensor.DType;
import org.jspecify.annotations.Nullable;

/**
 * In which types a layer computes and keeps its variables ({@code keras.DTypePolicy}).
 *
 * @param quantizationMode int8, int4 or float8; null when the layer is not quantized
 * @param blockSize of int4 weights quantized in blocks; -1 for one scale an output
 * @param compute the type of the layer's arithmetic, to which floating inputs are cast
 * @param variable the type in which variables are kept
 */
public record DTypePolicy(
    @Nullable String quantizationMode, long blockSize, DType compute, DType variable) {
  public static final DTypePolicy FLOAT32 = of("float32");

  private static DTypePolicy of(String name) {
    return switch (name) {
      case "mixed_float16" -> new DTypePolicy(null, -1, DType.FLOAT16, DType.FLOAT32);
      case "mixed_bfloat16" -> new DTypePolicy(null, -1, DType.BFLOAT16, DType.FLOAT32);
      default -> new DTypePolicy(null, -1, DType.of(name), DType.of(name));
    };
  }

  /**
   * The policy of a layer whose config holds {@code dtype}: a name, a policy object, or nothing.
   *
   * @param path the layer's path, by which a policy map chooses
   */
  public static DTypePolicy of(Config layer, String path) {
    return layer.find("dtype").map(json -> of(json, layer.place(), path)).orElse(FLOAT32);
  }

  private static DTypePolicy of(JsonNode json, String place, String path) {
    if (json.isTextual()) {
      return named(json.textValue());
    }
    SerializedObject policy = SerializedObject.of(json, place + ".dtype");
    Config config = policy.config();
    return switch (policy.className()) {
      case "DTypePolicyMap" -> ofMap(config, path);
      case "QuantizedDTypePolicy",
          "QuantizedFloat8DTypePolicy",
          "Int4DTypePolicy",
          "GPTQDTypePolicy",
          "AWQDTypePolicy" ->
          quantized(config);
      default -> named(config.string("name", "float32"));
    };
  }

  /** A quantized policy's name tells its source, as {@code int8_from_mixed_bfloat16}. */
  private static DTypePolicy named(String name) {
    int from = name.indexOf("_from_");
    return from < 0
        ? of(name)
        : quantized(name.substring(0, from), name.substring(from + "_from_".length()));
  }

  /** Keras names a quantized policy's block size in its mode, as {@code int4/128}. */
  private static DTypePolicy quantized(Config config) {
    return quantized(config.string("mode", "int8"), config.string("source_name", "float32"));
  }

  private static DTypePolicy quantized(String mode, String sourceName) {
    String[] parts = mode.split("/", 2);
    DTypePolicy source = of(sourceName);
    long block = parts.length > 1 && parts[1].matches("-?\\d+") ? Long.parseLong(parts[1]) : -1;
    return new DTypePolicy(parts[0], block, source.compute(), source.variable());
  }

  private static DTypePolicy ofMap(Config map, String path) {
    if (map.has("policy_map")) {
      Config policies = map.object("policy_map");
      if (policies.has(path)) {
        return of(policies.get(path), map.place(), path);
      }
    }
    return map.find("default_policy").map(json -> of(json, map.place(), path)).orElse(FLOAT32);
  }

  public boolean isQuantized() {
    return quantizationMode != null;
  }
}
