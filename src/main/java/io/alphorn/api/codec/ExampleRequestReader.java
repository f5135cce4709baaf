package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import io.alphorn.api.tfserving.proto.Example;
import io.alphorn.api.tfserving.proto.ExampleList;
import io.alphorn.api.tfserving.proto.ExampleListWithContext;
import io.alphorn.api.tfserving.proto.Feature;
import io.alphorn.api.tfserving.proto.Feature.KindCase;
import io.alphorn.api.tfserving.proto.Features;
import io.alphorn.api.tfserving.proto.Input;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of TensorFlow Serving's {@code :classify} and {@code :regress}: objects of
 * features, with its rules and messages ({@code json_tensor.cc}). A number with a point becomes a
 * float, one without an int64.
 */
public final class ExampleRequestReader {
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);

  private final JsonSource source;
  private final List<Example> examples = new ArrayList<>();
  private String signature = "";
  private @Nullable Example context;
  private boolean hasExamples;

  private ExampleRequestReader(byte[] body) {
    this.source = new JsonSource(body);
  }

  /**
   * Reads a request.
   *
   * @throws AlphornException INVALID_ARGUMENT when the body is none
   */
  public static ExampleRequest read(byte[] body) {
    ExampleRequestReader reader = new ExampleRequestReader(body);
    reader.source.read(reader::readDocument);
    return new ExampleRequest(reader.signature, reader.input());
  }

  private Input input() {
    if (!hasExamples) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s When method is classify, key 'examples' is expected and was not found",
          source.whole());
    }
    if (examples.isEmpty()) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s 'examples' value is an empty array", source.whole());
    }
    return context == null
        ? Input.newBuilder()
            .setExampleList(ExampleList.newBuilder().addAllExamples(examples))
            .build()
        : Input.newBuilder()
            .setExampleListWithContext(
                ExampleListWithContext.newBuilder().addAllExamples(examples).setContext(context))
            .build();
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
        case "signature_name" -> signature = signature(parser, token);
        case "context" -> context = example(parser, token);
        case "examples" -> readExamples(parser, token);
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

  private void readExamples(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.START_ARRAY) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s Expecting 'examples' value to be an list/array", source.whole());
    }
    hasExamples = true;
    for (JsonToken item = parser.nextToken();
        item != JsonToken.END_ARRAY;
        item = parser.nextToken()) {
      examples.add(example(parser, item));
    }
  }

  private static Example example(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      throw AlphornException.invalidArgument(
          "Example must be JSON object but got JSON %s", JsonSource.type(token));
    }
    Features.Builder features = Features.newBuilder();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      features.putFeature(name, feature(parser, parser.nextToken(), name));
    }
    return Example.newBuilder().setFeatures(features).build();
  }

  private static Feature feature(JsonParser parser, JsonToken token, String name)
      throws IOException {
    Feature.Builder feature = Feature.newBuilder();
    if (token != JsonToken.START_ARRAY) {
      addValue(parser, token, name, feature);
    } else {
      for (JsonToken item = parser.nextToken();
          item != JsonToken.END_ARRAY;
          item = parser.nextToken()) {
        addValue(parser, item, name, feature);
      }
    }
    return feature.build();
  }

  private static void addValue(
      JsonParser parser, JsonToken token, String name, Feature.Builder feature) throws IOException {
    switch (token) {
      case VALUE_TRUE, VALUE_FALSE ->
          addInteger(token == JsonToken.VALUE_TRUE ? 1 : 0, name, feature);
      case VALUE_STRING -> addBytes(ByteString.copyFrom(parser.getText(), UTF_8), name, feature);
      case VALUE_NUMBER_FLOAT -> addFloat(parser.getFloatValue(), name, feature);
      case VALUE_NUMBER_INT -> addWhole(parser, name, feature);
      case START_OBJECT -> addBytes(base64(parser, name), name, feature);
      default -> throw unexpected(name, token);
    }
  }

  /** An integer that 64 bits cannot hold is a floating number to rapidjson. */
  private static void addWhole(JsonParser parser, String name, Feature.Builder feature)
      throws IOException {
    if (parser.getNumberType() != NumberType.BIG_INTEGER) {
      addInteger(parser.getLongValue(), name, feature);
      return;
    }
    BigInteger value = parser.getBigIntegerValue();
    if (value.signum() > 0 && value.compareTo(TWO_TO_64) < 0) {
      throw AlphornException.invalidArgument(
          "Feature: %s has uint64_t element. Only int64_t is supported.", name);
    }
    addFloat(value.floatValue(), name, feature);
  }

  private static void addInteger(long value, String name, Feature.Builder feature) {
    requireKind(feature, KindCase.INT64_LIST, name);
    feature.getInt64ListBuilder().addValue(value);
  }

  private static void addFloat(float value, String name, Feature.Builder feature) {
    requireKind(feature, KindCase.FLOAT_LIST, name);
    feature.getFloatListBuilder().addValue(value);
  }

  private static void addBytes(ByteString value, String name, Feature.Builder feature) {
    requireKind(feature, KindCase.BYTES_LIST, name);
    feature.getBytesListBuilder().addValue(value);
  }

  private static void requireKind(Feature.Builder feature, KindCase kind, String name) {
    KindCase found = feature.getKindCase();
    if (found != KindCase.KIND_NOT_SET && found != kind) {
      throw AlphornException.invalidArgument(
          "Unexpected element type in feature: %s expecting type: %s",
          name,
          switch (found) {
            case BYTES_LIST -> "bytes";
            case FLOAT_LIST -> "float";
            default -> "int64";
          });
    }
  }

  private static ByteString base64(JsonParser parser, String name) throws IOException {
    String key = parser.nextFieldName();
    if (JsonScalars.BASE64_KEY.equals(key) && parser.nextToken() == JsonToken.VALUE_STRING) {
      String text = parser.getText();
      if (parser.nextToken() == JsonToken.END_OBJECT) {
        return decoded(text);
      }
    }
    throw unexpected(name, JsonToken.START_OBJECT);
  }

  private static ByteString decoded(String text) {
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new AlphornException(ErrorCode.INVALID_ARGUMENT, "Unable to base64 decode", e);
    }
  }

  private static AlphornException unexpected(String name, JsonToken token) {
    return AlphornException.invalidArgument(
        "Feature: %s has element with unexpected JSON type: %s", name, JsonSource.type(token));
  }
}
