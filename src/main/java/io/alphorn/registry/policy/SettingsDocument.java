package io.alphorn.registry.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A model's settings as JSON, with the names of TensorFlow Serving's {@code ModelConfig}:
 *
 * <pre>{@code
 * {"model_version_policy": {"latest": {"num_versions": 2}},
 *  "version_labels": {"stable": 1, "canary": {"1": 0.9, "2": 0.1}},
 *  "default_route": {"1": 0.9, "2": 0.1}}
 * }</pre>
 *
 * Every mistake is an INVALID_ARGUMENT that names its place.
 */
public final class SettingsDocument {
  private static final String POLICY = "model_version_policy";
  private static final String LABELS = "version_labels";
  private static final String DEFAULT_ROUTE = "default_route";
  private static final String LATEST = "latest";
  private static final String ALL = "all";
  private static final String SPECIFIC = "specific";
  private static final String NUM_VERSIONS = "num_versions";
  private static final String VERSIONS = "versions";
  private static final int SHOWN_CHARACTERS = 60;
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private SettingsDocument() {}

  /**
   * Reads a document.
   *
   * @throws AlphornException INVALID_ARGUMENT with the path in the document
   */
  public static ModelSettings read(byte[] bytes) {
    return read(parse(bytes));
  }

  /**
   * Reads settings with some of them changed, as JSON Merge Patch (RFC 7396) has it: a key that is
   * null is taken away, one that is left out stays.
   *
   * @throws AlphornException INVALID_ARGUMENT with the path in the document
   */
  public static ModelSettings patch(ModelSettings settings, byte[] patch) {
    return read(merged(json(settings), parse(patch)));
  }

  private static JsonNode merged(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch;
    }
    ObjectNode merged = target instanceof ObjectNode object ? object : JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      if (entry.getValue().isNull()) {
        merged.remove(entry.getKey());
      } else {
        merged.set(entry.getKey(), merged(merged.path(entry.getKey()), entry.getValue()));
      }
    }
    return merged;
  }

  private static JsonNode parse(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw mistake(
          "$", "not JSON: %s at %s", e.getOriginalMessage(), e.getLocation().offsetDescription());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail to be read", e);
    }
  }

  private static ModelSettings read(JsonNode json) {
    requireKeys(json, "$", Set.of(POLICY, LABELS, DEFAULT_ROUTE));
    return new ModelSettings(
        find(json, POLICY).map(policy -> policy(policy, "$." + POLICY)),
        find(json, LABELS).map(SettingsDocument::labels).orElseGet(TreeMap::new),
        find(json, DEFAULT_ROUTE).map(route -> route(route, "$." + DEFAULT_ROUTE)));
  }

  private static VersionPolicy policy(JsonNode json, String place) {
    requireKeys(json, place, Set.of(LATEST, ALL, SPECIFIC));
    if (json.size() != 1) {
      throw mistake(place, "expected one of 'latest', 'all' and 'specific', found %d", json.size());
    }
    String choice = json.fieldNames().next();
    JsonNode value = json.get(choice);
    String inside = place + "." + choice;
    return switch (choice) {
      case LATEST -> {
        requireKeys(value, inside, Set.of(NUM_VERSIONS));
        yield new VersionPolicy.Latest(
            find(value, NUM_VERSIONS)
                .map(count -> count(count, inside + "." + NUM_VERSIONS))
                .orElse(1));
      }
      case ALL -> {
        requireKeys(value, inside, Set.of());
        yield new VersionPolicy.All();
      }
      default -> {
        requireKeys(value, inside, Set.of(VERSIONS));
        yield new VersionPolicy.Specific(versions(value.path(VERSIONS), inside + "." + VERSIONS));
      }
    };
  }

  private static int count(JsonNode json, String place) {
    if (!json.isInt() || json.intValue() < 1) {
      throw mistake(place, "expected a number of versions from 1, found %s", shorten(json));
    }
    return json.intValue();
  }

  private static SortedSet<Long> versions(JsonNode json, String place) {
    if (!json.isArray() || json.isEmpty()) {
      throw mistake(place, "expected a list of versions, found %s", shorten(json));
    }
    SortedSet<Long> versions = new TreeSet<>();
    for (int i = 0; i < json.size(); i++) {
      versions.add(version(json.get(i).asText(), "%s[%d]".formatted(place, i)));
    }
    return versions;
  }

  private static SortedMap<String, Route> labels(JsonNode json) {
    String place = "$." + LABELS;
    if (!json.isObject()) {
      throw mistake(place, "expected an object of labels, found %s", shorten(json));
    }
    SortedMap<String, Route> labels = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String label = entry.getKey();
      if (!label.matches("[^/:]+")) {
        throw mistake(place, "a label has characters, and no '/' or ':'; found '%s'", label);
      }
      labels.put(label, route(entry.getValue(), place + "." + label));
    }
    return labels;
  }

  /** A version, or an object of versions with their weights. */
  private static Route route(JsonNode json, String place) {
    if (json.isIntegralNumber() || json.isTextual()) {
      return Route.to(version(json.asText(), place));
    }
    if (!json.isObject() || json.isEmpty()) {
      throw mistake(
          place,
          "expected a version, or an object of versions and their weights, found %s",
          shorten(json));
    }
    SortedMap<Long, Double> weights = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String inside = place + "." + entry.getKey();
      JsonNode weight = entry.getValue();
      if (!weight.isNumber() || !(weight.asDouble() > 0) || !Double.isFinite(weight.asDouble())) {
        throw mistake(inside, "expected a weight above 0, found %s", shorten(weight));
      }
      weights.put(version(entry.getKey(), inside), weight.asDouble());
    }
    return new Route(weights);
  }

  private static long version(String text, String place) {
    if (!text.matches("\\d{1,18}")) {
      throw mistake(place, "expected the number of a version, found '%s'", text);
    }
    return Long.parseLong(text);
  }

  private static Optional<JsonNode> find(JsonNode json, String key) {
    return Optional.ofNullable(json.get(key)).filter(value -> !value.isNull());
  }

  private static void requireKeys(JsonNode json, String place, Set<String> known) {
    if (!json.isObject()) {
      throw mistake(place, "expected an object, found %s", shorten(json));
    }
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (!known.contains(entry.getKey())) {
        throw mistake(
            place + "." + entry.getKey(), "unknown key; known are %s", new TreeSet<>(known));
      }
    }
  }

  /** The document that says these settings, and nothing of those that are not set. */
  public static ObjectNode json(ModelSettings settings) {
    ObjectNode json = JSON.createObjectNode();
    settings.policy().ifPresent(policy -> json.set(POLICY, json(policy)));
    if (!settings.labels().isEmpty()) {
      ObjectNode labels = json.putObject(LABELS);
      settings.labels().forEach((label, route) -> labels.set(label, json(route)));
    }
    settings.defaultRoute().ifPresent(route -> json.set(DEFAULT_ROUTE, json(route)));
    return json;
  }

  public static byte[] bytes(ModelSettings settings) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json(settings));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can be written", e);
    }
  }

  private static ObjectNode json(VersionPolicy policy) {
    ObjectNode json = JSON.createObjectNode();
    switch (policy) {
      case VersionPolicy.Latest(int count) -> json.putObject(LATEST).put(NUM_VERSIONS, count);
      case VersionPolicy.All() -> json.putObject(ALL);
      case VersionPolicy.Specific(SortedSet<Long> versions) ->
          versions.forEach(json.putObject(SPECIFIC).putArray(VERSIONS)::add);
    }
    return json;
  }

  private static JsonNode json(Route route) {
    if (route.versions().size() == 1) {
      return JsonNodeFactory.instance.numberNode(route.main());
    }
    ObjectNode json = JSON.createObjectNode();
    route.weights().forEach((version, weight) -> json.put(Long.toString(version), weight));
    return json;
  }

  @FormatMethod
  private static AlphornException mistake(
      String place, @FormatString String format, Object... arguments) {
    return AlphornException.invalidArgument("settings: %s: %s", place, format.formatted(arguments));
  }

  private static String shorten(JsonNode json) {
    String text = json.toString();
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
