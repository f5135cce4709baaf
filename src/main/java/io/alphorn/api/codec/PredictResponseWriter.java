package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes the answer to TensorFlow Serving's {@code :predict}, laid out as it does: rows as {@code
 * predictions}, columns as {@code outputs}; one output bare, several by name.
 */
public final class PredictResponseWriter {
  private static final int BYTES_PER_ELEMENT = 12;
  private static final int LARGEST_FIRST_GUESS = 1 << 24;

  private final JsonOutput out;
  private final List<TensorSpec> specs;
  private final List<JsonTensorWriter> writers = new ArrayList<>();

  private PredictResponseWriter(List<TensorSpec> specs, List<Tensor> values) {
    long elements = values.stream().mapToLong(Tensor::size).sum();
    this.out =
        new JsonOutput((int) Math.min(LARGEST_FIRST_GUESS, 64 + BYTES_PER_ELEMENT * elements));
    this.specs = specs;
    for (int i = 0; i < specs.size(); i++) {
      writers.add(new JsonTensorWriter(out, specs.get(i).name(), values.get(i)));
    }
  }

  /**
   * The answer in UTF-8.
   *
   * @param byRow whether the request came in rows
   * @param values in the order of {@code specs}
   * @throws AlphornException INVALID_ARGUMENT when the values cannot be cut into rows
   */
  public static byte[] write(boolean byRow, List<TensorSpec> specs, List<Tensor> values) {
    PredictResponseWriter writer = new PredictResponseWriter(specs, values);
    if (byRow) {
      writer.writeRows();
    } else {
      writer.writeColumns();
    }
    return writer.out.toArray();
  }

  private void writeRows() {
    long rows = rows();
    out.raw("{\n    \"predictions\": [");
    for (long row = 0; row < rows; row++) {
      if (writers.size() == 1) {
        out.raw(row == 0 ? "" : ", ");
        writers.getFirst().writeRow();
      } else {
        out.raw(row == 0 ? "\n        {" : ",\n        {");
        writeNamed("\n            ", JsonTensorWriter::writeRow);
        out.raw("\n        }");
      }
    }
    out.raw("\n    ]\n}");
  }

  private long rows() {
    long rows = -1;
    for (int i = 0; i < writers.size(); i++) {
      long found = writers.get(i).rows();
      if (found < 0) {
        throw AlphornException.invalidArgument(
            "Tensor name: %s has no shape information ", specs.get(i).name());
      }
      if (rows >= 0 && rows != found) {
        throw AlphornException.invalidArgument(
            "Tensor name: %s has inconsistent batch size: %d expecting: %d",
            specs.get(i).name(), found, rows);
      }
      rows = found;
    }
    return rows;
  }

  private void writeColumns() {
    out.raw("{\n    \"outputs\": ");
    if (writers.size() == 1) {
      writers.getFirst().writeAll();
    } else {
      out.raw("{");
      writeNamed("\n        ", JsonTensorWriter::writeAll);
      out.raw("\n    }");
    }
    out.raw("\n}");
  }

  private void writeNamed(String indentation, Consumer<JsonTensorWriter> value) {
    for (int i = 0; i < writers.size(); i++) {
      out.raw(i == 0 ? indentation : "," + indentation);
      out.string(specs.get(i).name().getBytes(UTF_8));
      out.raw(": ");
      value.accept(writers.get(i));
    }
  }
}
