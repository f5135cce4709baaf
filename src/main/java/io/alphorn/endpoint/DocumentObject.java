package io.alphorn.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** A JSON object of the document. Every mistake is an INVALID_ARGUMENT that names its place. */
final class DocumentObject {
  private final JsonNode json;
  private final String place;

  private DocumentObject(JsonNode json, String place) {
    this.json = json;
    this.place = place;
  }

  /** Reads an object that may have these keys and no others. */
  static DocumentObject of(JsonNode json, String place, String... keys) {
    if (!json.isObject()) {
      throw mistake(place, "expected an object, found %s", shorten(json));
    }
    Set<String> known = new TreeSet<>(List.of(keys));
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (!known.contains(entry.getKey())) {
        throw mistake(place + "." + entry.getKey(), "unknown key; known are %s", known);
      }
    }
    return new DocumentObject(json, place);
  }

  String place(String key) {
    return place + "." + key;
  }

  Optional<JsonNode> find(String key) {
    return json.hasNonNull(key) ? Optional.of(json.get(key)) : Optional.empty();
  }

  String string(String key) {
    return findString(key).orElseThrow(() -> mistake(place, "'%s' is missing", key));
  }

  Optional<String> findString(String key) {
    return find(key).map(value -> string(value, place(key)));
  }

  Optional<Integer> findIndex(String key) {
    return find(key)
        .map(
            value -> {
              if (!value.isInt() || value.intValue() < 0) {
                throw mistake(place(key), "expected a number from 0, found %s", shorten(value));
              }
              return value.intValue();
            });
  }

  List<String> strings(String key) {
    return list(key, DocumentObject::string);
  }

  /** The elements of a list, none when it is left out; an empty list is a mistake. */
  <T> List<T> list(String key, BiFunction<JsonNode, String, T> element) {
    Optional<JsonNode> value = find(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (!value.get().isArray() || value.get().isEmpty()) {
      throw mistake(
          place(key), "expected a list that is not empty, found %s", shorten(value.get()));
    }
    List<T> elements = new ArrayList<>();
    for (JsonNode item : value.get()) {
      elements.add(element.apply(item, "%s[%d]".formatted(place(key), elements.size())));
    }
    return elements;
  }

  static String string(JsonNode value, String place) {
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw mistake(place, "expected a string that is not empty, found %s", shorten(value));
    }
    return value.textValue();
  }

  static AlphornException mistake(String place, String message, Object... arguments) {
    return AlphornException.invalidArgument("%s: %s", place, message.formatted(arguments));
  }

  static String shorten(JsonNode value) {
    String text = value.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
