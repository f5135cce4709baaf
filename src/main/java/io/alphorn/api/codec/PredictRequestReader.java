package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of TensorFlow Serving's {@code :predict} in one pass, without a tree: rows under
 * {@code instances} or columns under {@code inputs}. Rules and messages are those of {@code
 * json_tensor.cc}; to them is added where in the list a value stands.
 */
public final class PredictRequestReader {
  private static final String SIGNATURE = "signature_name";
  private static final String INSTANCES = "instances";
  private static final String INPUTS = "inputs";

  private final JsonSource source;
  private final Function<String, List<TensorSpec>> signatures;
  private final JsonLimits limits;
  private final BufferSource memory;

  private PredictRequestReader(
      byte[] body,
      Function<String, List<TensorSpec>> signatures,
      JsonLimits limits,
      BufferSource memory) {
    this.source = new JsonSource(body);
    this.signatures = signatures;
    this.limits = limits;
    this.memory = memory;
  }

  /**
   * Reads a request.
   *
   * @param signatures gives the inputs of a signature; "" is the default one
   * @param memory where the tensors go
   * @throws AlphornException INVALID_ARGUMENT when the body is no request that fits the signature;
   *     RESOURCE_EXHAUSTED when a tensor is beyond the limits
   */
  public static PredictRequest read(
      byte[] body,
      Function<String, List<TensorSpec>> signatures,
      JsonLimits limits,
      BufferSource memory) {
    return new PredictRequestReader(body, signatures, limits, memory).read();
  }

  /**
   * The name of the signature may stand behind the tensors, which cannot be read without it: they
   * are read by the default signature, and again when that was wrong.
   */
  private PredictRequest read() {
    if (source.isEmpty()) {
      throw AlphornException.invalidArgument("JSON Parse error: The document is empty");
    }
    Pass pass = new Pass("");
    AlphornException failure = null;
    try {
      pass.run();
    } catch (AlphornException e) {
      failure = e;
    }
    String declared = failure == null ? pass.declared : declaredSignature();
    if (pass.used != null && declared != null && !declared.equals(pass.used)) {
      pass = new Pass(declared);
      pass.run();
    } else if (failure != null) {
      throw failure;
    }
    return pass.request();
  }

  /** The signature that a body names whose tensors could not be read; null when it names none. */
  private @Nullable String declaredSignature() {
    try (JsonParser parser = source.parser()) {
      parser.nextToken();
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (key.equals(SIGNATURE) && token == JsonToken.VALUE_STRING) {
          return parser.getText();
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null; // The body is broken, which the failure at hand says already.
    }
  }

  /** One way through the body. */
  private final class Pass {
    private final String assumed;
    private @Nullable String declared;
    private @Nullable String used;
    private @Nullable String format;
    private List<Tensor> tensors = List.of();

    Pass(String assumed) {
      this.assumed = assumed;
    }

    PredictRequest request() {
      return new PredictRequest(used == null ? "" : used, INSTANCES.equals(format), tensors);
    }

    void run() {
      source.read(this::readDocument);
      if (format == null) {
        throw AlphornException.invalidArgument("Missing 'inputs' or 'instances' key");
      }
    }

    private void readDocument(JsonParser parser) throws IOException {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw AlphornException.invalidArgument("JSON Parse error: The document is empty");
      }
      if (first != JsonToken.START_OBJECT) {
        throw AlphornException.invalidArgument("JSON Value: %s Is not object", source.whole());
      }
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        switch (key) {
          case SIGNATURE -> declared = signature(parser, token);
          case INSTANCES, INPUTS -> readTensors(parser, key);
          default -> parser.skipChildren();
        }
      }
    }

    private String signature(JsonParser parser, JsonToken token) throws IOException {
      if (token != JsonToken.VALUE_STRING) {
        throw AlphornException.invalidArgument(
            "JSON Value: %s not formatted correctly. 'signature_name' key must be a string value.",
            source.whole());
      }
      return parser.getText();
    }

    private void readTensors(JsonParser parser, String key) throws IOException {
      if (format != null) {
        throw AlphornException.invalidArgument(
            "JSON Value: %s Not formatted correctly expecting only one of 'inputs' or 'instances'"
                + " keys to exist ",
            source.whole());
      }
      format = key;
      used = declared == null ? assumed : declared;
      List<TensorSpec> specs = signatures.apply(used);
      if (specs.isEmpty()) {
        throw AlphornException.invalidArgument(
            "Failed to get input map for signature: %s", used.isEmpty() ? "DEFAULT" : used);
      }
      List<JsonTensorReader> readers = new ArrayList<>(specs.size());
      specs.forEach(spec -> readers.add(new JsonTensorReader(spec, source, limits, memory)));
      tensors =
          key.equals(INSTANCES)
              ? new RowReader(parser, source, readers).read()
              : new ColumnReader(parser, readers).read();
    }
  }
}
