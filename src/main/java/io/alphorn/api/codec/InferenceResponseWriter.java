package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Writes the JSON of an Open Inference answer, laid out as Triton does: data in flat lists. */
public final class InferenceResponseWriter {
  private static final int BYTES_PER_ELEMENT = 12;
  private static final int LARGEST_FIRST_GUESS = 1 << 24;

  private final JsonOutput out;

  private InferenceResponseWriter(List<InferenceOutput> outputs) {
    long elements =
        outputs.stream()
            .filter(output -> !output.binary())
            .mapToLong(output -> output.tensor().size())
            .sum();
    this.out =
        new JsonOutput((int) Math.min(LARGEST_FIRST_GUESS, 256 + BYTES_PER_ELEMENT * elements));
  }

  /**
   * The JSON in UTF-8; the raw bytes of binary outputs follow it.
   *
   * @param id the request's; "" for none
   * @throws AlphornException INVALID_ARGUMENT when an output's values have no form in JSON
   */
  public static byte[] write(String model, long version, String id, List<InferenceOutput> outputs) {
    InferenceResponseWriter writer = new InferenceResponseWriter(outputs);
    writer.writeAnswer(model, version, id, outputs);
    return writer.out.toArray();
  }

  private void writeAnswer(String model, long version, String id, List<InferenceOutput> outputs) {
    field("{", "model_name", model);
    field(",", "model_version", Long.toString(version));
    if (!id.isEmpty()) {
      field(",", "id", id);
    }
    out.raw(",\"outputs\":[");
    for (int i = 0; i < outputs.size(); i++) {
      out.raw(i == 0 ? "" : ",");
      write(outputs.get(i));
    }
    out.raw("]}");
  }

  private void field(String before, String key, String value) {
    out.raw(before + "\"" + key + "\":");
    out.string(value.getBytes(UTF_8));
  }

  private void write(InferenceOutput output) {
    Tensor tensor = output.tensor();
    field("{", "name", output.name());
    field(",", "datatype", InferenceDatatypes.name(tensor.dtype()));
    out.raw(",\"shape\":" + Arrays.toString(tensor.shape()).replace(" ", ""));
    if (output.binary()) {
      out.raw(",\"parameters\":{\"binary_data_size\":");
      out.integer(BinaryTensors.size(tensor));
      out.raw("}}");
    } else {
      out.raw(",\"data\":");
      writeData(output);
      out.raw("}");
    }
  }

  private void writeData(InferenceOutput output) {
    Tensor tensor = output.tensor();
    if (tensor.dtype() == DType.STRING) {
      writeStrings(output);
    } else if (!InferenceDatatypes.hasJson(tensor.dtype())) {
      throw AlphornException.invalidArgument(
          "output '%s': sending %s output data via JSON is not supported; ask for it with the"
              + " parameter binary_data",
          output.name(), InferenceDatatypes.name(tensor.dtype()));
    } else {
      new JsonTensorWriter(out, output.name(), tensor).writeFlat();
    }
  }

  private void writeStrings(InferenceOutput output) {
    byte[][] strings = output.tensor().strings();
    out.raw("[");
    for (int i = 0; i < strings.length; i++) {
      if (!JsonTensorWriter.isText(strings[i])) {
        throw AlphornException.invalidArgument(
            "output '%s': element %d is no text in UTF-8; ask for it with the parameter"
                + " binary_data",
            output.name(), i);
      }
      out.raw(i == 0 ? "" : ",");
      out.string(strings[i]);
    }
    out.raw("]");
  }
}
