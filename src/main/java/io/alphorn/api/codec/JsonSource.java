package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.util.Arrays;

/** A JSON text and how TensorFlow Serving reports what is wrong with it. */
final class JsonSource {
  private static final int SHOWN = 200;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  // Who sends text chooses its length; the body's size is limited before.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final byte[] text;

  JsonSource(byte[] text) {
    this.text = text;
  }

  boolean isEmpty() {
    return text.length == 0;
  }

  int length() {
    return text.length;
  }

  /** The value that begins with the current token, as a text of its own; the parser passes it. */
  JsonSource copy(JsonParser parser) throws IOException {
    int start = position(parser);
    parser.skipChildren();
    parser.finishToken();
    return new JsonSource(Arrays.copyOfRange(text, start, end(parser)));
  }

  JsonParser parser() throws IOException {
    return FACTORY.createParser(text);
  }

  /** What reads a text's values from a parser at its start. */
  @FunctionalInterface
  interface Reader {
    void read(JsonParser parser) throws IOException;
  }

  /**
   * Reads the text.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is no JSON
   */
  void read(Reader reader) {
    try (JsonParser parser = parser()) {
      try {
        reader.read(parser);
      } catch (IOException e) {
        throw error(parser, e);
      }
    } catch (IOException e) {
      throw new IllegalStateException("a parser over bytes in memory failed", e);
    }
  }

  static int depth(JsonParser parser) {
    return parser.getParsingContext().getNestingDepth();
  }

  /** The text of the value that begins with the current token, cut short when it is long. */
  String value(JsonParser parser) throws IOException {
    int start = position(parser);
    parser.skipChildren();
    parser.finishToken();
    return between(start, end(parser));
  }

  /** Where the current token begins. */
  int position(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /** How far the parser has read. */
  int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }

  /** The whole text, cut short when it is long. */
  String whole() {
    return between(0, text.length);
  }

  String between(int start, int end) {
    int length = end - start;
    return length <= SHOWN
        ? new String(text, start, length, UTF_8).strip()
        : new String(text, start, SHOWN, UTF_8) + "...";
  }

  /** What rapidjson calls the type of the value that begins with {@code token}. */
  static String type(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "Array";
      case START_OBJECT, FIELD_NAME -> "Object";
      case VALUE_STRING -> "String";
      case VALUE_TRUE -> "True";
      case VALUE_FALSE -> "False";
      case VALUE_NULL -> "Null";
      default -> "Number";
    };
  }

  private static AlphornException error(JsonParser parser, IOException failure) {
    String message =
        failure instanceof JacksonException json
            ? json.getOriginalMessage()
            : String.valueOf(failure.getMessage());
    // Jackson has read the character that it objects to; rapidjson tells where that one stands.
    long read = parser.currentLocation().getByteOffset();
    return AlphornException.invalidArgument(
        "JSON Parse error: %s at offset: %d",
        message.lines().findFirst().orElse(message),
        failure instanceof JsonEOFException ? read : Math.max(0, read - 1));
  }
}
