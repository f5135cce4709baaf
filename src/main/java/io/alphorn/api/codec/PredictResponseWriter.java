package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * Writes TensorFlow Serving's predict answers: {@code predictions} row by row for a request in row
 * format, else {@code outputs}.
 */
public final class PredictResponseWriter {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .build();

  private PredictResponseWriter() {}

  /**
   * The body of an answer, in UTF-8.
   *
   * @throws AlphornException INVALID_ARGUMENT when the outputs have no rows, or not the same number
   */
  public static byte[] write(boolean byRow, List<TensorSpec> specs, List<Tensor> outputs) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(body)) {
      json.writeStartObject();
      json.writeFieldName(byRow ? "predictions" : "outputs");
      if (byRow) {
        rows(json, specs, outputs);
      } else {
        columns(json, specs, outputs);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a byte array cannot be written to", e);
    }
    return body.toByteArray();
  }

  private static void columns(JsonGenerator json, List<TensorSpec> specs, List<Tensor> outputs)
      throws IOException {
    if (specs.size() == 1) {
      writer(specs, outputs, 0).writeWhole(json);
      return;
    }
    json.writeStartObject();
    for (int i = 0; i < specs.size(); i++) {
      json.writeFieldName(specs.get(i).name());
      writer(specs, outputs, i).writeWhole(json);
    }
    json.writeEndObject();
  }

  private static void rows(JsonGenerator json, List<TensorSpec> specs, List<Tensor> outputs)
      throws IOException {
    long count = rowCount(specs, outputs);
    TensorJsonWriter[] writers = new TensorJsonWriter[specs.size()];
    for (int i = 0; i < writers.length; i++) {
      writers[i] = writer(specs, outputs, i);
    }
    json.writeStartArray();
    for (long row = 0; row < count; row++) {
      if (writers.length == 1) {
        writers[0].writeRow(json);
        continue;
      }
      json.writeStartObject();
      for (int i = 0; i < writers.length; i++) {
        json.writeFieldName(specs.get(i).name());
        writers[i].writeRow(json);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static TensorJsonWriter writer(List<TensorSpec> specs, List<Tensor> outputs, int index) {
    return new TensorJsonWriter(specs.get(index).name(), outputs.get(index));
  }

  private static long rowCount(List<TensorSpec> specs, List<Tensor> outputs) {
    long count = -1;
    for (int i = 0; i < outputs.size(); i++) {
      long[] shape = outputs.get(i).shape();
      if (shape.length == 0) {
        throw AlphornException.invalidArgument(
            "Tensor name: %s has no shape information; ask in column format ('inputs')",
            specs.get(i).name());
      }
      if (count >= 0 && count != shape[0]) {
        throw AlphornException.invalidArgument(
            "Tensor name: %s has inconsistent batch size: %d expecting: %d; ask in column format"
                + " ('inputs')",
            specs.get(i).name(), shape[0], count);
      }
      count = shape[0];
    }
    return count;
  }
}
