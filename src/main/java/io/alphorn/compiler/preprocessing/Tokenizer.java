package io.alphorn.compiler.preprocessing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.keras.Config;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * TextVectorization's way from a text to its words: standardize, split, join n-grams. Lower case is
 * ASCII's, as {@code tf.strings.lower} without an encoding has it.
 *
 * @param widths of n-grams in order; empty for the words themselves
 */
record Tokenizer(boolean lower, boolean stripPunctuation, String split, List<Long> widths) {
  private static final Pattern PUNCTUATION =
      Pattern.compile("[!\"#$%&()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~']");

  /** What C's isspace holds for white space. */
  private static final Pattern SPACE = Pattern.compile("[ \\t\\n\\x0B\\f\\r]+");

  static Tokenizer of(Config config) {
    String standardize = TextVectorizations.named(config, "standardize");
    return new Tokenizer(
        standardize.startsWith("lower"),
        standardize.endsWith("strip_punctuation"),
        TextVectorizations.named(config, "split"),
        widths(config));
  }

  /** An integer N means all widths from 1 to N; a list means just those. */
  private static List<Long> widths(Config config) {
    if (!config.has("ngrams")) {
      return List.of();
    }
    return config.get("ngrams").isIntegralNumber()
        ? LongStream.rangeClosed(1, config.integer("ngrams")).boxed().toList()
        : config.integers("ngrams");
  }

  boolean splits() {
    return !split.isEmpty();
  }

  /** The words of each text; without splitting, the last axis holds the words already. */
  List<List<String>> rows(Tensor texts) {
    long[] shape = texts.shape();
    int width = splits() || shape.length < 2 ? 1 : Math.toIntExact(shape[shape.length - 1]);
    List<List<String>> rows = new ArrayList<>();
    byte[][] strings = texts.strings();
    for (int from = 0; from < strings.length; from += width) {
      List<String> words = new ArrayList<>();
      for (int i = from; i < from + width; i++) {
        words.addAll(words(standardized(new String(strings[i], UTF_8))));
      }
      rows.add(widths.isEmpty() ? words : ngrams(words));
    }
    return rows;
  }

  private String standardized(String text) {
    String cased = lower ? lowerAscii(text) : text;
    return stripPunctuation ? PUNCTUATION.matcher(cased).replaceAll("") : cased;
  }

  private static String lowerAscii(String text) {
    StringBuilder lower = new StringBuilder(text);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        lower.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return lower.toString();
  }

  private List<String> words(String text) {
    return switch (split) {
      case "whitespace" -> SPACE.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
      case "character" -> text.codePoints().mapToObj(Character::toString).toList();
      default -> List.of(text);
    };
  }

  private List<String> ngrams(List<String> words) {
    return widths.stream()
        .map(Long::intValue)
        .flatMap(
            width ->
                IntStream.rangeClosed(0, words.size() - width)
                    .mapToObj(from -> String.join(" ", words.subList(from, from + width))))
        .toList();
  }
}
