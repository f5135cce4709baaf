package io.alphorn.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that an object was made with. Every reading checks the type; a mismatch is an
 * INVALID_ARGUMENT that names the place and the argument. An argument that the file leaves out and
 * one that it gives as null read the same.
 */
public final class Config {
  private final JsonNode json;
  private final String place;

  private Config(JsonNode json, String place) {
    this.json = json;
    this.place = place;
  }

  public static Config of(JsonNode json, String place) {
    if (!json.isObject()) {
      throw AlphornException.invalidArgument(
          "%s: expected a JSON object, found %s", place, shorten(json));
    }
    return new Config(json, place);
  }

  public static Config empty(String place) {
    return new Config(JsonNodeFactory.instance.objectNode(), place);
  }

  public JsonNode json() {
    return json;
  }

  /** Whether the argument is given and not null. */
  public boolean has(String name) {
    return json.hasNonNull(name);
  }

  public Optional<JsonNode> find(String name) {
    return has(name) ? Optional.of(json.get(name)) : Optional.empty();
  }

  public JsonNode get(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  public String string(String name) {
    JsonNode value = get(name);
    if (!value.isTextual()) {
      throw mismatch(name, "a string", value);
    }
    return value.textValue();
  }

  public String string(String name, String otherwise) {
    return has(name) ? string(name) : otherwise;
  }

  public @Nullable String stringOrNull(String name) {
    return has(name) ? string(name) : null;
  }

  public boolean bool(String name, boolean otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode value = get(name);
    if (!value.isBoolean() && !value.isNumber()) {
      throw mismatch(name, "true or false", value);
    }
    return value.isBoolean() ? value.booleanValue() : value.doubleValue() != 0;
  }

  public long integer(String name) {
    return integer(name, get(name));
  }

  public long integer(String name, long otherwise) {
    return has(name) ? integer(name) : otherwise;
  }

  private long integer(String name, JsonNode value) {
    boolean whole = value.isIntegralNumber() && value.canConvertToLong();
    boolean wholeReal = value.isDouble() && value.doubleValue() == Math.rint(value.doubleValue());
    if (!whole && !wholeReal) {
      throw mismatch(name, "an integer", value);
    }
    return value.longValue();
  }

  public double real(String name) {
    JsonNode value = get(name);
    if (!value.isNumber()) {
      throw mismatch(name, "a number", value);
    }
    return value.doubleValue();
  }

  public double real(String name, double otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  /** A list of integers; a single integer reads as a list of one. */
  public List<Long> integers(String name) {
    JsonNode value = unwrapTuple(get(name));
    if (!value.isArray()) {
      return List.of(integer(name, value));
    }
    List<Long> integers = new ArrayList<>();
    value.forEach(element -> integers.add(integer(name, element)));
    return integers;
  }

  /** {@code count} integers; a single integer stands for all of them. */
  public List<Long> integers(String name, int count, long otherwise) {
    if (!has(name)) {
      return Collections.nCopies(count, otherwise);
    }
    List<Long> integers = integers(name);
    if (integers.size() == 1 && count != 1) {
      return Collections.nCopies(count, integers.getFirst());
    }
    if (integers.size() != count) {
      throw mismatch(name, count + " integers", get(name));
    }
    return integers;
  }

  public List<Double> reals(String name) {
    JsonNode value = unwrapTuple(get(name));
    List<Double> reals = new ArrayList<>();
    for (JsonNode element : value.isArray() ? value : List.of(value)) {
      if (!element.isNumber()) {
        throw mismatch(name, "numbers", value);
      }
      reals.add(element.doubleValue());
    }
    return reals;
  }

  /** The nested object's own arguments. */
  public Config object(String name) {
    return of(get(name), place + "." + name);
  }

  /** A layer, an initializer or another serialized object. */
  public SerializedObject serialized(String name) {
    JsonNode value = get(name);
    if (!SerializedObject.matches(value)) {
      throw mismatch(name, "a serialized object", value);
    }
    return SerializedObject.of(value, place + "." + name);
  }

  /** A list of serialized objects. */
  public List<SerializedObject> serializedList(String name) {
    JsonNode value = get(name);
    if (!value.isArray()) {
      throw mismatch(name, "a list of serialized objects", value);
    }
    List<SerializedObject> objects = new ArrayList<>();
    for (JsonNode element : value) {
      if (!SerializedObject.matches(element)) {
        throw mismatch(name, "a list of serialized objects", element);
      }
      objects.add(SerializedObject.of(element, place + "." + name));
    }
    return objects;
  }

  /** An argument as Keras serializes values of Python; None when it is not given. */
  public Nested<TensorReference> value(String name) {
    return new NestedReader(place + "." + name).read(json.path(name));
  }

  /** The place of this config in the file, for messages. */
  public String place() {
    return place;
  }

  /** Keras 3 writes some tuples as an object of class {@code __tuple__}. */
  private static JsonNode unwrapTuple(JsonNode value) {
    return value.path("class_name").asText().equals("__tuple__") ? value.path("items") : value;
  }

  private AlphornException missing(String name) {
    return AlphornException.invalidArgument("%s: argument '%s' is missing", place, name);
  }

  /** The error for an argument whose value cannot be used. */
  public AlphornException mismatch(String name, String expected, JsonNode found) {
    return AlphornException.invalidArgument(
        "%s: argument '%s' must be %s, found %s", place, name, expected, shorten(found));
  }

  /** The error for a legal value that Alphorn has no lowering for. */
  public AlphornException unsupported(String name) {
    return AlphornException.unimplemented(
        "%s: argument '%s' = %s is not supported", place, name, shorten(json.path(name)));
  }

  /** JSON cut to a length that fits a message. */
  static String shorten(JsonNode value) {
    String text = value.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
