package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.HashFunction;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.HostFunction;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** StringLookup and IntegerLookup, both ways ({@code keras/src/layers/preprocessing}). */
public final class Lookups {
  private static final String[] ARGUMENTS = {
    "max_tokens",
    "num_oov_indices",
    "mask_token",
    "oov_token",
    "vocabulary",
    "vocabulary_dtype",
    "vocabulary_size",
    "has_input_vocabulary",
    "idf_weights",
    "invert",
    "output_mode",
    "pad_to_max_tokens",
    "encoding",
    "oov_method",
    "salt"
  };

  private Lookups() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("StringLookup", call -> lookup(call, DType.STRING, "[UNK]"))
            .arguments(ARGUMENTS)
            .masking(Masking.STOP)
            .withoutAutocast(),
        Lowering.layer("IntegerLookup", call -> lookup(call, DType.INT64, "-1"))
            .arguments(ARGUMENTS)
            .masking(Masking.STOP)
            .withoutAutocast());
  }

  private static Nested<KerasTensor> lookup(OperationCall call, DType key, String unknown) {
    Config config = call.config();
    @Nullable String mask = config.has("mask_token") ? config.get("mask_token").asText() : null;
    String outOfVocabulary = config.has("oov_token") ? config.get("oov_token").asText() : unknown;
    String mode = Vocabulary.mode(config);
    Vocabulary vocabulary = Vocabulary.of(call, mask, outOfVocabulary, mode);
    if (config.bool("invert", false)) {
      return output(invert(call, vocabulary, key));
    }
    GraphBuilder g = call.graph();
    Value x = key == DType.STRING ? call.input() : g.cast(call.input(), key);
    Indices indices = new Indices(vocabulary, bucketOf(config, key, vocabulary));
    Value looked =
        g.host(
            "Lookup",
            List.of(x),
            DType.INT64,
            x.shape(),
            inputs -> List.of(indices.of(inputs.getFirst())));
    return output(encode(call, looked, vocabulary));
  }

  private static Value encode(OperationCall call, Value indices, Vocabulary vocabulary) {
    GraphBuilder g = call.graph();
    long depth = vocabulary.depth(call.config());
    if (!vocabulary.mode().equals("tf_idf")) {
      return CategoryEncodings.encode(
          g, indices, vocabulary.mode(), depth, DType.INT64, Value.NONE);
    }
    Value weights = g.constant(Vocabulary.inverseDocumentFrequencies(call));
    Value counts =
        CategoryEncodings.encode(g, indices, "count", depth, weights.dtype(), Value.NONE);
    return g.mul(counts, weights);
  }

  /** The bucket of a word out of the vocabulary, from 0. */
  private static ToLongFunction<String> bucketOf(Config config, DType key, Vocabulary vocabulary) {
    int buckets = vocabulary.buckets();
    if (buckets <= 1) {
      return word -> 0;
    }
    boolean hashed =
        key == DType.STRING || config.string("oov_method", "floormod").equals("farmhash");
    if (!hashed) {
      return word -> Math.floorMod(Long.parseLong(word), (long) buckets);
    }
    if (!config.has("salt")) {
      return word -> Fingerprints.bucket(Fingerprints.farm(word.getBytes(UTF_8)), buckets);
    }
    List<Long> salt = config.integers("salt", 2, 0);
    HashFunction sip = Fingerprints.sip(salt.get(0), salt.get(1));
    return word -> Fingerprints.bucket(sip.hashBytes(word.getBytes(UTF_8)).asLong(), buckets);
  }

  /** From words to indices. */
  static final class Indices {
    private final Vocabulary vocabulary;
    private final ToLongFunction<String> bucketOf;
    private final Map<String, Long> known = new HashMap<>();

    Indices(Vocabulary vocabulary, ToLongFunction<String> bucketOf) {
      this.vocabulary = vocabulary;
      this.bucketOf = bucketOf;
      for (int i = 0; i < vocabulary.tokens().size(); i++) {
        known.put(vocabulary.tokens().get(i), (long) vocabulary.tokenStart() + i);
      }
      if (vocabulary.mask() != null) {
        known.put(vocabulary.mask(), vocabulary.maskIndex());
      }
    }

    /**
     * @throws AlphornException INVALID_ARGUMENT when a word is not known and the layer has no
     *     bucket for such
     */
    Tensor of(Tensor values) {
      ByteBuffer indices = Tensor.allocate(DType.INT64, values.shape());
      Set<String> unknown = new LinkedHashSet<>();
      for (int i = 0; i < values.size(); i++) {
        indices.putLong(of(word(values, i), unknown));
      }
      requireNone(unknown);
      return Tensor.of(DType.INT64, values.shape(), indices.flip());
    }

    long of(String word, Set<String> unknown) {
      Long index = known.get(word);
      if (index != null) {
        return index;
      }
      if (vocabulary.buckets() == 0) {
        unknown.add(word);
      }
      return vocabulary.bucketStart() + bucketOf.applyAsLong(word);
    }

    static void requireNone(Set<String> unknown) {
      if (!unknown.isEmpty()) {
        List<String> some = unknown.stream().limit(5).toList();
        throw AlphornException.invalidArgument(
            "the lookup layer has no index for words out of its vocabulary"
                + " (num_oov_indices=0), found %s",
            some);
      }
    }

    private static String word(Tensor values, int index) {
      return values.dtype() == DType.STRING
          ? new String(values.strings()[index], UTF_8)
          : Long.toString(Casts.integerAt(values.bytes(), values.dtype(), index));
    }
  }

  /** From indices to words; every index that is none of the vocabulary's gives the oov token. */
  private static Value invert(OperationCall call, Vocabulary vocabulary, DType word) {
    GraphBuilder g = call.graph();
    Value indices = g.cast(call.input(), DType.INT64);
    HostFunction function =
        inputs -> {
          List<String> words = words(inputs.getFirst(), vocabulary);
          long[] shape = inputs.getFirst().shape();
          return List.of(
              word == DType.STRING
                  ? Tensor.ofStrings(shape, words)
                  : Tensor.ofLongs(shape, words.stream().mapToLong(Long::parseLong).toArray()));
        };
    return g.host("InverseLookup", List.of(indices), word, indices.shape(), function);
  }

  private static List<String> words(Tensor indices, Vocabulary vocabulary) {
    List<String> words = new ArrayList<>();
    ByteBuffer bytes = indices.bytes();
    while (bytes.hasRemaining()) {
      long index = bytes.getLong();
      long token = index - vocabulary.tokenStart();
      if (index == 0 && vocabulary.mask() != null) {
        words.add(vocabulary.mask());
      } else if (token >= 0 && token < vocabulary.tokens().size()) {
        words.add(vocabulary.tokens().get((int) token));
      } else {
        words.add(vocabulary.outOfVocabulary());
      }
    }
    return words;
  }
}
