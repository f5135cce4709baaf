package io.alphorn.compiler.preprocessing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of a lookup layer and their indices: first the mask token (in int mode, where there is
 * one), then the buckets for words out of the vocabulary, then the words in order ({@code
 * IndexLookup.set_vocabulary}).
 *
 * @param tokens without the special ones
 * @param mask the text of the mask token, or null
 * @param outOfVocabulary the text of the token for all other words
 * @param buckets how many indices other words are spread over
 */
record Vocabulary(
    List<String> tokens, @Nullable String mask, String outOfVocabulary, int buckets, String mode) {
  private static final String ASSET = "vocabulary.txt";

  /**
   * Reads the vocabulary from the config or from the layer's asset. A path in the config is
   * refused: a model must not make the server read files.
   *
   * @param mask the layer's mask token, or null
   */
  static Vocabulary of(
      OperationCall call, @Nullable String mask, String outOfVocabulary, String mode) {
    Config config = call.config();
    int buckets = (int) config.integer("num_oov_indices", 1);
    Vocabulary empty = new Vocabulary(List.of(), mask, outOfVocabulary, buckets, mode);
    return new Vocabulary(
        empty.withoutSpecialTokens(listed(call)), mask, outOfVocabulary, buckets, mode);
  }

  private static List<String> listed(OperationCall call) {
    Config config = call.config();
    if (!config.has("vocabulary")) {
      return fromAsset(call);
    }
    JsonNode vocabulary = config.get("vocabulary");
    if (!vocabulary.isArray()) {
      throw AlphornException.invalidArgument(
          "argument 'vocabulary' names a file outside of the archive, which is never read. Give the"
              + " words themselves, or save the adapted layer so that they are in the archive");
    }
    List<String> words = new ArrayList<>();
    vocabulary.forEach(word -> words.add(word.asText()));
    return words;
  }

  private static List<String> fromAsset(OperationCall call) {
    byte[] asset =
        call.asset(ASSET)
            .orElseThrow(
                () ->
                    AlphornException.failedPrecondition(
                        "the layer has no vocabulary: neither its config nor the archive's assets"
                            + " hold one. Call adapt() or set_vocabulary() and save the model"
                            + " again"));
    List<String> lines =
        new ArrayList<>(List.of(new String(asset, UTF_8).split("\r\n|[\n\r]", -1)));
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }

  private List<String> withoutSpecialTokens(List<String> words) {
    List<String> special = new ArrayList<>();
    if (bucketStart() == 1) {
      special.add(String.valueOf(mask));
    }
    special.addAll(Collections.nCopies(buckets, outOfVocabulary));
    boolean found =
        words.size() >= special.size() && words.subList(0, special.size()).equals(special);
    return List.copyOf(found ? words.subList(special.size(), words.size()) : words);
  }

  /** The first index of the buckets for words out of the vocabulary. */
  int bucketStart() {
    return mask != null && mode.equals("int") ? 1 : 0;
  }

  /** The index of the first word. */
  int tokenStart() {
    return bucketStart() + buckets;
  }

  /** How many indices there are. */
  int size() {
    return tokenStart() + tokens.size();
  }

  /** The width of encodings of indices. */
  long depth(Config config) {
    return config.bool("pad_to_max_tokens", false) ? config.integer("max_tokens") : size();
  }

  /** The index that the mask token gets: none that an encoding counts, except in int mode. */
  long maskIndex() {
    return mode.equals("int") ? 0 : Long.MAX_VALUE;
  }

  /** The weights of a layer in tf_idf mode, which Keras saves beside it under their own name. */
  static Tensor inverseDocumentFrequencies(OperationCall call) {
    return call.variables()
        .named("idf_weights")
        .map(StoredTensor::read)
        .orElseThrow(
            () ->
                AlphornException.invalidArgument(
                    "the layer is in tf_idf mode, but the weights hold no 'idf_weights' for it"));
  }

  /** Keras 2's names of some modes. */
  static String mode(Config config) {
    String mode = config.string("output_mode", "int");
    return switch (mode) {
      case "binary" -> "multi_hot";
      case "tf-idf" -> "tf_idf";
      default -> mode;
    };
  }
}
