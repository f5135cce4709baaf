package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.alphorn.error.AlphornException;
import java.io.IOException;

/**
 * JSON as Python's {@code json} writes it, NaN and Infinity included, within limits. A key that
 * occurs twice in one object is refused: readers differ on which of the two counts.
 */
final class StrictJson {
  private StrictJson() {}

  /** An object, parsed from UTF-8. */
  static JsonNode object(Bytes json, ArchiveLimits limits) {
    requireSize(json.name(), json.size(), limits);
    return object(json.name(), json.toArray(), limits);
  }

  /** An object, parsed from text. */
  static JsonNode object(String place, String json, ArchiveLimits limits) {
    byte[] utf8 = json.getBytes(UTF_8);
    requireSize(place, utf8.length, limits);
    return object(place, utf8, limits);
  }

  private static void requireSize(String place, long size, ArchiveLimits limits) {
    if (size > limits.maxConfigBytes()) {
      throw AlphornException.resourceExhausted(
          "%s: %d bytes of JSON, more than the limit of %d", place, size, limits.maxConfigBytes());
    }
  }

  private static JsonNode object(String place, byte[] json, ArchiveLimits limits) {
    try {
      JsonNode root = mapper(limits).readTree(json);
      if (root == null || !root.isObject()) {
        throw AlphornException.invalidArgument(
            "%s: a JSON object expected, %s found",
            place, root == null ? "nothing" : root.getNodeType());
      }
      return root;
    } catch (JsonProcessingException e) {
      throw AlphornException.invalidArgument(
          "%s: not valid JSON: %s%s", place, e.getOriginalMessage(), place(e));
    } catch (IOException e) {
      throw AlphornException.invalidArgument("%s: not text in UTF-8", place);
    }
  }

  private static JsonMapper mapper(ArchiveLimits limits) {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.maxJsonDepth())
            .maxStringLength(Math.toIntExact(Math.min(limits.maxConfigBytes(), Integer.MAX_VALUE)))
            .build();
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  private static String place(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line %d, column %d)"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }
}
