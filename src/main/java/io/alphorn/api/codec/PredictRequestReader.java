package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads TensorFlow Serving's predict requests, in row format ({@code instances}) and column format
 * ({@code inputs}), in one pass and without a tree ({@code util/json_tensor.cc}).
 */
public final class PredictRequestReader {
  private static final String SIGNATURE = "signature_name";
  private static final String INSTANCES = "instances";
  private static final String INPUTS = "inputs";
  private static final byte[] SIGNATURE_BYTES = SIGNATURE.getBytes(US_ASCII);

  private final JsonLimits limits;
  private final JsonFactory factory;

  public PredictRequestReader(JsonLimits limits) {
    this.limits = limits;
    this.factory =
        new JsonFactoryBuilder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(limits.maxDepth() + 4)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
  }

  /**
   * Reads a request. As TensorFlow Serving does, what stands behind the JSON document is passed
   * over.
   *
   * @param signatures the inputs of the endpoint of a name, "" for the default one; throws when
   *     there is none
   * @throws AlphornException INVALID_ARGUMENT with the place of the mistake
   */
  public PredictRequest read(byte[] body, Function<String, List<TensorSpec>> signatures) {
    if (isBlank(body)) {
      throw AlphornException.invalidArgument("JSON Parse error: The document is empty");
    }
    try {
      String signature = signature(body);
      return read(body, signature, signatures.apply(signature));
    } catch (JsonProcessingException e) {
      throw parseError(e);
    } catch (IOException e) {
      throw new IllegalStateException("a byte array cannot be read", e);
    }
  }

  private static boolean isBlank(byte[] body) {
    for (byte b : body) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  /** It may stand behind the tensors, so a body that names one is scanned for it first. */
  private String signature(byte[] body) throws IOException {
    if (!contains(body, SIGNATURE_BYTES)) {
      return "";
    }
    try (JsonParser json = factory.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return "";
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = json.currentName().equals(SIGNATURE);
        JsonToken value = json.nextToken();
        if (found && value != JsonToken.VALUE_STRING) {
          throw AlphornException.invalidArgument("'%s' key must be a string value.", SIGNATURE);
        }
        if (found) {
          return json.getText();
        }
        json.skipChildren();
      }
      return "";
    }
  }

  private static boolean contains(byte[] body, byte[] word) {
    outer:
    for (int i = 0; i <= body.length - word.length; i++) {
      for (int j = 0; j < word.length; j++) {
        if (body[i + j] != word[j]) {
          continue outer;
        }
      }
      return true;
    }
    return false;
  }

  private PredictRequest read(byte[] body, String signature, List<TensorSpec> specs)
      throws IOException {
    @Nullable PredictRequest request = null;
    try (JsonParser json = factory.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw AlphornException.invalidArgument(
            "JSON Value is not an object; expected one with the key 'instances' or 'inputs'");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        if (!key.equals(INSTANCES) && !key.equals(INPUTS)) {
          json.skipChildren();
          continue;
        }
        if (request != null) {
          throw AlphornException.invalidArgument(
              "Not formatted correctly: expected only one of the keys 'instances' and 'inputs'");
        }
        boolean byRow = key.equals(INSTANCES);
        List<Tensor> inputs = byRow ? rows(json, specs) : columns(json, specs);
        request = new PredictRequest(signature, byRow, inputs);
      }
    }
    if (request == null) {
      throw AlphornException.invalidArgument("Missing 'inputs' or 'instances' key");
    }
    return request;
  }

  private List<Tensor> rows(JsonParser json, List<TensorSpec> specs) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw AlphornException.invalidArgument("Expecting 'instances' value to be a list/array");
    }
    Map<String, TensorJsonReader> readers = readers(specs);
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      row(json, specs, readers, count++);
    }
    if (count == 0) {
      throw AlphornException.invalidArgument("No values in 'instances' list/array");
    }
    return finish(readers);
  }

  private void row(
      JsonParser json, List<TensorSpec> specs, Map<String, TensorJsonReader> readers, int index)
      throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      if (specs.size() != 1) {
        throw AlphornException.invalidArgument(
            "'instances' element %d: the signature has %d inputs, so each element must be an object"
                + " with the keys %s",
            index, specs.size(), readers.keySet());
      }
      readers.values().iterator().next().readRow(json);
      return;
    }
    Set<String> missing = new TreeSet<>(readers.keySet());
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("b64")
          && value == JsonToken.VALUE_STRING
          && specs.size() == 1
          && !readers.containsKey(name)) {
        missing.clear();
        base64Row(json, readers.values().iterator().next());
        return;
      }
      TensorJsonReader reader = readers.get(name);
      if (reader == null || !missing.remove(name)) {
        throw AlphornException.invalidArgument(
            "'instances' element %d: %s '%s'; the signature has the inputs %s",
            index, reader == null ? "unknown input" : "repeated input", name, readers.keySet());
      }
      reader.readRow(json);
    }
    if (!missing.isEmpty()) {
      throw AlphornException.invalidArgument(
          "'instances' element %d: missing named inputs %s", index, missing);
    }
  }

  /** {@code {"b64": …}} stands for a value, not for named inputs. */
  private static void base64Row(JsonParser json, TensorJsonReader reader) throws IOException {
    reader.readBase64Row(json.getText());
    if (json.nextToken() != JsonToken.END_OBJECT) {
      throw AlphornException.invalidArgument("an object with 'b64' must have no other key");
    }
  }

  private List<Tensor> columns(JsonParser json, List<TensorSpec> specs) throws IOException {
    Map<String, TensorJsonReader> readers = readers(specs);
    if (json.currentToken() != JsonToken.START_OBJECT) {
      if (specs.size() != 1) {
        throw AlphornException.invalidArgument(
            "Expecting 'inputs' to be an object with the keys %s", readers.keySet());
      }
      readers.values().iterator().next().readWhole(json);
      return finish(readers);
    }
    Set<String> missing = new TreeSet<>(readers.keySet());
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      TensorJsonReader reader = readers.get(name);
      if (reader == null) {
        json
            .skipChildren(); // TensorFlow Serving ignores them, and clients have come to rely on
                             // it.
      } else if (missing.remove(name)) {
        reader.readWhole(json);
      } else {
        throw AlphornException.invalidArgument("'inputs' object: repeated input '%s'", name);
      }
    }
    if (!missing.isEmpty()) {
      throw AlphornException.invalidArgument(
          "Missing named input: %s in 'inputs' object.", String.join(", ", missing));
    }
    return finish(readers);
  }

  private Map<String, TensorJsonReader> readers(List<TensorSpec> specs) {
    Map<String, TensorJsonReader> readers = new LinkedHashMap<>();
    specs.forEach(spec -> readers.put(spec.name(), new TensorJsonReader(spec, limits)));
    return readers;
  }

  private static List<Tensor> finish(Map<String, TensorJsonReader> readers) {
    List<Tensor> tensors = new ArrayList<>();
    readers.values().forEach(reader -> tensors.add(reader.finish()));
    return tensors;
  }

  private static AlphornException parseError(JsonProcessingException e) {
    String reason =
        e instanceof JsonParseException ? e.getOriginalMessage() : "the document is not legal";
    long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
    return AlphornException.invalidArgument("JSON Parse error: %s at offset: %d", reason, offset);
  }
}
