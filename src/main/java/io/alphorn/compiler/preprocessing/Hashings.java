package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.HashFunction;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.ToLongFunction;

/** Hashing and HashedCrossing, in the buckets that TensorFlow gives. */
public final class Hashings {
  /** The key of {@code tf.sparse.cross_hashed} when none is given. */
  private static final long CROSSING_KEY = 0xDECAFCAFFEL;

  private Hashings() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Hashing", Hashings::hashing)
            .arguments("num_bins", "mask_value", "salt", "output_mode")
            .masking(Masking.STOP)
            .withoutAutocast(),
        Lowering.layer("HashedCrossing", Hashings::hashedCrossing)
            .arguments("num_bins", "output_mode")
            .masking(Masking.STOP)
            .withoutAutocast());
  }

  /** https://keras.io/api/layers/preprocessing_layers/categorical/hashing/ */
  private static Nested<KerasTensor> hashing(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    long bins = config.integer("num_bins");
    String mode = config.string("output_mode", "int");
    Value x = call.input();
    if (mode.equals("one_hot") && x.rank() > 0 && x.dim(-1).equals(Dim.of(1))) {
      x = g.squeeze(x, -1);
    }
    Buckets buckets = Buckets.of(config, bins);
    Value indices =
        g.host(
            "Hashing",
            List.of(x),
            DType.INT64,
            x.shape(),
            inputs -> List.of(buckets.of(inputs.getFirst())));
    DType dtype = call.computeType();
    return output(CategoryEncodings.encode(g, indices, mode, bins, dtype, Value.NONE));
  }

  /** How elements become buckets; with a mask value, bucket 0 is its own. */
  private record Buckets(long bins, boolean masked, String mask, ToLongFunction<byte[]> hash) {
    static Buckets of(Config config, long bins) {
      boolean masked = config.has("mask_value") && bins > 1;
      JsonNode mask = config.json().path("mask_value");
      return new Buckets(masked ? bins - 1 : bins, masked, mask.asText(), hash(config));
    }

    private static ToLongFunction<byte[]> hash(Config config) {
      if (!config.has("salt")) {
        return Fingerprints::farm;
      }
      List<Long> salt = config.integers("salt", 2, 0);
      HashFunction sip = Fingerprints.sip(salt.get(0), salt.get(1));
      return bytes -> sip.hashBytes(bytes).asLong();
    }

    Tensor of(Tensor values) {
      ByteBuffer buckets = Tensor.allocate(DType.INT64, values.shape());
      for (int i = 0; i < values.size(); i++) {
        buckets.putLong(of(values, i));
      }
      return Tensor.of(DType.INT64, values.shape(), buckets.flip());
    }

    private long of(Tensor values, int index) {
      if (masked && isMask(values, index)) {
        return 0;
      }
      long bucket = Fingerprints.bucket(hash.applyAsLong(text(values, index)), bins);
      return masked ? bucket + 1 : bucket;
    }

    private boolean isMask(Tensor values, int index) {
      return values.dtype() == DType.STRING
          ? new String(values.strings()[index], UTF_8).equals(mask)
          : Casts.realAt(values.bytes(), values.dtype(), index) == Double.parseDouble(mask);
    }
  }

  /** What is hashed: numbers as decimal text, floating ones cut to integers first. */
  private static byte[] text(Tensor values, int index) {
    return values.dtype() == DType.STRING
        ? values.strings()[index]
        : Long.toString(integer(values, index)).getBytes(US_ASCII);
  }

  private static long integer(Tensor values, int index) {
    return values.dtype().isFloating()
        ? (long) Casts.realAt(values.bytes(), values.dtype(), index)
        : Casts.integerAt(values.bytes(), values.dtype(), index);
  }

  /** https://keras.io/api/layers/preprocessing_layers/categorical/hashed_crossing/ */
  private static Nested<KerasTensor> hashedCrossing(OperationCall call) {
    GraphBuilder g = call.graph();
    long bins = call.config().integer("num_bins");
    List<Value> features = call.inputs().stream().map(KerasTensor::value).toList();
    if (features.size() < 2) {
      throw AlphornException.invalidArgument(
          "HashedCrossing needs at least two inputs, found %d", features.size());
    }
    Value crossed =
        g.host(
            "HashedCrossing",
            features,
            DType.INT64,
            features.getFirst().shape(),
            inputs -> List.of(cross(inputs, bins)));
    String mode = call.config().string("output_mode", "int");
    DType dtype = call.computeType();
    return output(CategoryEncodings.encode(g, crossed, mode, bins, dtype, Value.NONE));
  }

  private static Tensor cross(List<Tensor> features, long bins) {
    long[] shape = features.getFirst().shape();
    ByteBuffer crossed = Tensor.allocate(DType.INT64, shape);
    for (int i = 0; i < Tensor.elements(shape); i++) {
      long hash = CROSSING_KEY;
      for (Tensor feature : features) {
        hash = Fingerprints.concatenate(hash, fingerprint(feature, i));
      }
      crossed.putLong(Fingerprints.bucket(hash, bins));
    }
    return Tensor.of(DType.INT64, shape, crossed.flip());
  }

  private static long fingerprint(Tensor feature, int index) {
    return feature.dtype() == DType.STRING
        ? Fingerprints.farm(feature.strings()[index])
        : integer(feature, index);
  }
}
