package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** TextVectorization: text to indices of words, or to counts of them, in one Java stage. */
public final class TextVectorizations {
  private TextVectorizations() {}

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.layer("TextVectorization", TextVectorizations::textVectorization)
            .arguments(
                "max_tokens",
                "standardize",
                "split",
                "ngrams",
                "output_mode",
                "output_sequence_length",
                "pad_to_max_tokens",
                "vocabulary",
                "vocabulary_size",
                "has_input_vocabulary",
                "idf_weights",
                "encoding")
            .masking(Masking.STOP)
            .withoutAutocast());
  }

  /** https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/ */
  private static Nested<KerasTensor> textVectorization(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    if (config.bool("ragged", false)) {
      throw call.unsupported("ragged=True: a served output is a dense tensor");
    }
    String mode = Vocabulary.mode(config);
    Vocabulary vocabulary = Vocabulary.of(call, "", "[UNK]", mode);
    Lookups.Indices indices = new Lookups.Indices(vocabulary, word -> 0);
    Tokenizer tokenizer = Tokenizer.of(config);
    Value text = column(g, call.input(), tokenizer);
    if (mode.equals("int")) {
      long length = config.integer("output_sequence_length", -1);
      Dim width = length < 0 ? g.freshDim() : Dim.of(length);
      return output(
          g.host(
              "TextVectorization",
              List.of(text),
              DType.INT64,
              Shape.of(text.dim(0), width),
              inputs -> List.of(padded(rows(inputs.getFirst(), tokenizer, indices), length))));
    }
    return output(encoded(call, text, tokenizer, indices, vocabulary));
  }

  /** Texts stand in a vector, or in a column that Keras squeezes. */
  private static Value column(GraphBuilder g, Value x, Tokenizer tokenizer) {
    if (!tokenizer.splits() || x.rank() == 1) {
      return x;
    }
    if (!x.dim(-1).equals(Dim.of(1)) || x.rank() != 2) {
      throw AlphornException.invalidArgument(
          "TextVectorization splits texts of shape [batch] or [batch, 1], found %s", x.shape());
    }
    return g.squeeze(x, -1);
  }

  private static Value encoded(
      OperationCall call,
      Value text,
      Tokenizer tokenizer,
      Lookups.Indices indices,
      Vocabulary vocabulary) {
    GraphBuilder g = call.graph();
    String mode = vocabulary.mode();
    int depth = Math.toIntExact(vocabulary.depth(call.config()));
    if (mode.equals("one_hot")) {
      throw call.unsupported("output_mode \"one_hot\" of texts of several words");
    }
    boolean binary = mode.equals("multi_hot");
    Value counts =
        g.host(
            "TextVectorization",
            List.of(text),
            DType.INT64,
            Shape.of(text.dim(0), Dim.of(depth)),
            inputs -> List.of(counts(rows(inputs.getFirst(), tokenizer, indices), depth, binary)));
    if (!mode.equals("tf_idf")) {
      return counts;
    }
    Value weights = g.constant(Vocabulary.inverseDocumentFrequencies(call));
    return g.mul(g.cast(counts, weights.dtype()), weights);
  }

  private static List<long[]> rows(Tensor texts, Tokenizer tokenizer, Lookups.Indices indices) {
    Set<String> unknown = new LinkedHashSet<>();
    List<long[]> rows =
        tokenizer.rows(texts).stream()
            .map(words -> words.stream().mapToLong(word -> indices.of(word, unknown)).toArray())
            .toList();
    Lookups.Indices.requireNone(unknown);
    return rows;
  }

  /** Rows cut or filled up with zeros to {@code length}; -1 means to the longest. */
  private static Tensor padded(List<long[]> rows, long length) {
    long width = length >= 0 ? length : rows.stream().mapToLong(row -> row.length).max().orElse(0);
    long[] shape = {rows.size(), width};
    ByteBuffer bytes = Tensor.allocate(DType.INT64, shape);
    for (int i = 0; i < rows.size(); i++) {
      long[] row = rows.get(i);
      for (int j = 0; j < Math.min(width, row.length); j++) {
        bytes.putLong((int) (i * width + j) * Long.BYTES, row[j]);
      }
    }
    return Tensor.of(DType.INT64, shape, bytes);
  }

  private static Tensor counts(List<long[]> rows, int depth, boolean binary) {
    long[] counts = new long[Math.multiplyExact(rows.size(), depth)];
    for (int i = 0; i < rows.size(); i++) {
      for (long index : rows.get(i)) {
        if (index >= 0 && index < depth) {
          int at = i * depth + (int) index;
          counts[at] = binary ? 1 : counts[at] + 1;
        }
      }
    }
    return Tensor.ofLongs(new long[] {rows.size(), depth}, counts);
  }

  /** Keras allows a function of the user's for these arguments; it is never executed. */
  static String named(Config config, String argument) {
    JsonNode value = config.json().path(argument);
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    if (!value.isTextual()) {
      throw AlphornException.unimplemented(
          "argument '%s' is a Python function, which is never executed. Use one of Keras's own"
              + " choices, or apply the function before the texts are sent",
          argument);
    }
    return value.textValue();
  }
}
