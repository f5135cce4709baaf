package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an Open Inference request in one pass, without a tree: JSON, behind which the
 * inputs may follow as raw bytes that the JSON gives no {@code data} for (Triton's binary tensor
 * data extension).
 */
public final class InferenceRequestReader {
  private static final String BINARY_SIZE = "binary_data_size";
  private static final String BINARY_OUTPUT = "binary_data_output";
  private static final int MAX_RANK = 64;

  private final JsonSource source;
  private final ByteBuffer binary;
  private final InferenceSignature signature;
  private final JsonLimits limits;
  private final BufferSource memory;
  private final InferenceInputs inputs;
  private @Nullable List<NamedOutput> outputs;
  private InferenceParameters parameters = InferenceParameters.NONE;
  private String id = "";

  /** An output as the request names it; what it defaults to may stand behind it. */
  private record NamedOutput(String name, InferenceParameters parameters) {}

  private InferenceRequestReader(
      byte[] json,
      ByteBuffer binary,
      InferenceSignature signature,
      JsonLimits limits,
      BufferSource memory) {
    this.source = new JsonSource(json);
    this.binary = binary;
    this.signature = signature;
    this.limits = limits;
    this.memory = memory;
    this.inputs = new InferenceInputs(signature);
  }

  /**
   * Reads a request.
   *
   * @param binary what follows the JSON
   * @param memory where the tensors go
   * @throws AlphornException INVALID_ARGUMENT when the body is no request that fits the signature;
   *     RESOURCE_EXHAUSTED when a tensor is beyond the limits; UNIMPLEMENTED when it asks for
   *     shared memory
   */
  public static InferenceRequest read(
      byte[] json,
      ByteBuffer binary,
      InferenceSignature signature,
      JsonLimits limits,
      BufferSource memory) {
    return new InferenceRequestReader(json, binary, signature, limits, memory).read();
  }

  /**
   * Reads a request that has no JSON: one row of the only input. Sizes that the signature leaves
   * open are told by the number of bytes, so there may be one beside the rows; of strings, the
   * whole body is one.
   *
   * @throws AlphornException INVALID_ARGUMENT when the model cannot be asked so, or not with that
   *     many bytes
   */
  public static InferenceRequest readRaw(
      ByteBuffer body, InferenceSignature signature, JsonLimits limits, BufferSource memory) {
    if (signature.inputs().size() != 1) {
      throw AlphornException.invalidArgument(
          "a raw request is for models with one input; model '%s' has %d",
          signature.model(), signature.inputs().size());
    }
    TensorSpec spec = signature.inputs().getFirst();
    return new InferenceRequest(
        "",
        List.of(rawRow(spec, body, limits, memory)),
        InferenceRequest.allOutputs(signature, true));
  }

  private static Tensor rawRow(
      TensorSpec spec, ByteBuffer body, JsonLimits limits, BufferSource memory) {
    long[] shape = spec.shape().sizes();
    if (shape.length > 0 && shape[0] < 0) {
      shape[0] = 1;
    }
    long open = Arrays.stream(shape).filter(size -> size < 0).count();
    if (open > 1) {
      throw AlphornException.invalidArgument(
          "a raw request is for inputs with one open dimension at most; '%s' has shape %s",
          spec.name(), spec.shape());
    }
    boolean isString = spec.dtype() == DType.STRING;
    long known = Arrays.stream(shape).filter(size -> size >= 0).reduce(1, (a, b) -> a * b);
    long elements = isString ? 1 : body.remaining() / spec.dtype().bytes();
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = shape[axis] < 0 ? elements / Math.max(1, known) : shape[axis];
    }
    if (!isString) {
      return BinaryTensors.read(spec.name(), spec.dtype(), shape, body, limits, memory);
    }
    if (Tensor.elements(shape) != 1) {
      throw AlphornException.invalidArgument(
          "a raw request is for one string; '%s' has shape %s", spec.name(), spec.shape());
    }
    byte[] text = new byte[body.remaining()];
    body.get(text);
    return Tensor.ofStrings(shape, new byte[][] {text});
  }

  private InferenceRequest read() {
    source.read(this::readDocument);
    if (binary.hasRemaining()) {
      throw AlphornException.invalidArgument(
          "%d bytes follow the last input's binary data", binary.remaining());
    }
    return new InferenceRequest(id, inputs.inOrder(), requestedOutputs());
  }

  private List<RequestedOutput> requestedOutputs() {
    boolean binaryByDefault = parameters.bool(BINARY_OUTPUT, false);
    if (outputs == null || outputs.isEmpty()) {
      return InferenceRequest.allOutputs(signature, binaryByDefault);
    }
    return outputs.stream()
        .map(
            output ->
                RequestedOutput.of(signature, output.name(), output.parameters(), binaryByDefault))
        .toList();
  }

  private void readDocument(JsonParser parser) throws IOException {
    requireObject(parser.nextToken(), "the request");
    boolean hasInputs = false;
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (key) {
        case "id" -> id = text(parser, token, "id");
        case "parameters" -> parameters = readParameters(parser, token);
        case "inputs" -> {
          hasInputs = true;
          readInputs(parser, token);
        }
        case "outputs" -> outputs = readOutputs(parser, token);
        default -> parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw AlphornException.invalidArgument("the request goes on behind its JSON object");
    }
    if (!hasInputs) {
      throw AlphornException.invalidArgument("the request has no 'inputs'");
    }
  }

  private void readInputs(JsonParser parser, JsonToken token) throws IOException {
    requireArray(token, "inputs");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireObject(parser.currentToken(), "an input");
      new Input().read(parser);
    }
  }

  private static List<NamedOutput> readOutputs(JsonParser parser, JsonToken token)
      throws IOException {
    requireArray(token, "outputs");
    List<NamedOutput> named = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireObject(parser.currentToken(), "an output");
      String name = null;
      InferenceParameters options = InferenceParameters.NONE;
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        switch (key) {
          case "name" -> name = text(parser, value, "name");
          case "parameters" -> options = readParameters(parser, value);
          default -> parser.skipChildren();
        }
      }
      if (name == null) {
        throw AlphornException.invalidArgument("an output has no 'name'");
      }
      named.add(new NamedOutput(name, options));
    }
    return named;
  }

  /** One of the inputs. Its data may stand before what says how to read it. */
  private final class Input {
    private @Nullable String name;
    private @Nullable String datatype;
    private long @Nullable [] shape;
    private InferenceParameters parameters = InferenceParameters.NONE;
    private @Nullable JsonSource postponed;
    private @Nullable Tensor tensor;

    void read(JsonParser parser) throws IOException {
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        switch (key) {
          case "name" -> name = text(parser, token, "name");
          case "datatype" -> datatype = text(parser, token, "datatype");
          case "shape" -> shape = readShape(parser, token);
          case "parameters" -> parameters = readParameters(parser, token);
          case "data" -> readData(parser);
          default -> parser.skipChildren();
        }
      }
      String named = require(name, "name");
      parameters.refuseSharedMemory(named);
      inputs.put(named, tensor(named));
    }

    private void readData(JsonParser parser) throws IOException {
      if (name == null || datatype == null || shape == null) {
        postponed = source.copy(parser);
      } else {
        tensor = reader(source).read(parser);
      }
    }

    private Tensor tensor(String named) throws IOException {
      long size = parameters.count(BINARY_SIZE, -1);
      if (size >= 0) {
        if (tensor != null || postponed != null) {
          throw AlphornException.invalidArgument(
              "input '%s' has both 'data' and '%s'", named, BINARY_SIZE);
        }
        return BinaryTensors.read(
            named, dtype(), requiredShape(), binary(named, size), limits, memory);
      }
      if (postponed != null) {
        try (JsonParser parser = postponed.parser()) {
          parser.nextToken();
          return reader(postponed).read(parser);
        }
      }
      return require(tensor, "data");
    }

    private InferenceDataReader reader(JsonSource text) {
      return new InferenceDataReader(
          text, require(name, "name"), dtype(), requiredShape(), limits, memory);
    }

    private DType dtype() {
      return InferenceDatatypes.of(require(datatype, "datatype"), require(name, "name"));
    }

    private long[] requiredShape() {
      return require(shape, "shape");
    }

    private <T> T require(@Nullable T value, String field) {
      if (value == null) {
        throw AlphornException.invalidArgument(
            "%s has no '%s'", name == null ? "an input" : "input '" + name + "'", field);
      }
      return value;
    }
  }

  private ByteBuffer binary(String name, long size) {
    if (size > binary.remaining()) {
      throw AlphornException.invalidArgument(
          "input '%s' is said to have %d bytes, but only %d are left behind the JSON",
          name, size, binary.remaining());
    }
    ByteBuffer part = binary.slice(binary.position(), (int) size);
    binary.position(binary.position() + (int) size);
    return part;
  }

  private static long[] readShape(JsonParser parser, JsonToken token) throws IOException {
    requireArray(token, "shape");
    long[] sizes = new long[MAX_RANK];
    int rank = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || rank == MAX_RANK) {
        throw AlphornException.invalidArgument(
            "'shape' must be a list of at most %d integers", MAX_RANK);
      }
      sizes[rank++] = parser.getLongValue();
    }
    return Arrays.copyOf(sizes, rank);
  }

  private static InferenceParameters readParameters(JsonParser parser, JsonToken token)
      throws IOException {
    requireObject(token, "'parameters'");
    Map<String, Object> values = new HashMap<>();
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      values.put(
          key,
          switch (parser.nextToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            default ->
                throw AlphornException.invalidArgument(
                    "parameter '%s' must be a string, a number or a boolean", key);
          });
    }
    return new InferenceParameters(values);
  }

  /** Beyond a long, as the identifier of a sequence may be, a double will do. */
  private static Object integer(JsonParser parser) throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? (Object) parser.getDoubleValue()
        : (Object) parser.getLongValue();
  }

  private static String text(JsonParser parser, JsonToken token, String field) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      throw AlphornException.invalidArgument("'%s' must be a string", field);
    }
    return parser.getText();
  }

  private static void requireObject(@Nullable JsonToken token, String what) {
    if (token != JsonToken.START_OBJECT) {
      throw AlphornException.invalidArgument("%s must be a JSON object", what);
    }
  }

  private static void requireArray(@Nullable JsonToken token, String field) {
    if (token != JsonToken.START_ARRAY) {
      throw AlphornException.invalidArgument("'%s' must be a list", field);
    }
  }
}
