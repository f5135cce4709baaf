package io.alphorn.api.codec;

import io.alphorn.api.tfserving.proto.ClassificationResult;
import io.alphorn.api.tfserving.proto.Classifications;
import io.alphorn.api.tfserving.proto.RegressionResult;

/** Writes the answers to TensorFlow Serving's {@code :classify} and {@code :regress}. */
public final class ExampleResponseWriter {
  private static final int BYTES_PER_VALUE = 32;

  private ExampleResponseWriter() {}

  /** Of each example a list of {@code [label, score]}, in UTF-8. */
  public static byte[] write(ClassificationResult result) {
    JsonOutput out = new JsonOutput(BYTES_PER_VALUE * result.getClassificationsCount());
    out.raw("{\n    \"results\": [");
    for (int i = 0; i < result.getClassificationsCount(); i++) {
      out.raw(i == 0 ? "" : ", ");
      write(result.getClassifications(i), out);
    }
    out.raw("\n    ]\n}");
    return out.toArray();
  }

  private static void write(Classifications classifications, JsonOutput out) {
    out.raw("[");
    for (int i = 0; i < classifications.getClassesCount(); i++) {
      out.raw(i == 0 ? "[" : ", [");
      out.string(classifications.getClasses(i).getLabelBytes().toByteArray());
      out.raw(", ");
      out.real(classifications.getClasses(i).getScore());
      out.raw("]");
    }
    out.raw("]");
  }

  /** Of each example a number, in UTF-8. */
  public static byte[] write(RegressionResult result) {
    JsonOutput out = new JsonOutput(BYTES_PER_VALUE * result.getRegressionsCount());
    out.raw("{\n    \"results\": [");
    for (int i = 0; i < result.getRegressionsCount(); i++) {
      out.raw(i == 0 ? "" : ", ");
      out.real(result.getRegressions(i).getValue());
    }
    out.raw("]\n}");
    return out.toArray();
  }
}
