package io.alphorn.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A collection of variables that a user adds to a model, as it stands under {@code
 * variable_collections} in the document {@code endpoints.json}:
 *
 * <pre>{@code
 * {"name": "mine", "variables": ["dense/kernel"], "layers": ["encoder"], "pattern": "decoder/**"}
 * }</pre>
 *
 * <p>It holds what its selectors name in the order in which the document lists them, each variable
 * once, at its first place.
 *
 * @param place where the collection stands in the document, as {@code $.variable_collections[0]}
 */
public record VariableCollectionSpec(String name, List<Selector> selectors, String place) {
  /** The collections that every model has. */
  public static final Set<String> BUILT_IN = Set.of("all", "trainable", "non_trainable");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");

  public VariableCollectionSpec {
    selectors = List.copyOf(selectors);
  }

  /**
   * Names variables of a model.
   *
   * @param selects whether it names the variable of a path
   * @param meaning what it names, for messages
   * @param place where in the document it stands
   */
  public record Selector(Predicate<String> selects, String meaning, String place) {
    static Selector variable(String path, String place) {
      return new Selector(path::equals, "variable '%s'".formatted(path), place);
    }

    /** The variables of a layer, by its name or, within nested models, its path. */
    static Selector layer(String path, String place) {
      String start = path + "/";
      return new Selector(
          variable -> variable.startsWith(start),
          "layer '%s' with variables".formatted(path),
          place);
    }

    static Selector pattern(String glob, String place) {
      VariablePattern pattern = new VariablePattern(glob);
      return new Selector(
          pattern::matches, "variable whose path matches '%s'".formatted(glob), place);
    }
  }

  /**
   * Reads the list of a document's collections.
   *
   * @param place where the list stands in the document, as {@code $.variable_collections}
   * @throws AlphornException INVALID_ARGUMENT naming the place in the document
   */
  public static List<VariableCollectionSpec> parseAll(JsonNode list, String place) {
    if (!list.isArray()) {
      throw DocumentObject.mistake(
          place, "expected a list, found %s", DocumentObject.shorten(list));
    }
    Map<String, String> taken = new HashMap<>();
    List<VariableCollectionSpec> specs = new ArrayList<>();
    for (JsonNode item : list) {
      VariableCollectionSpec spec = parse(item, "%s[%d]".formatted(place, specs.size()));
      String before = taken.putIfAbsent(spec.name(), spec.place());
      if (before != null) {
        throw DocumentObject.mistake(
            spec.namePlace(), "'%s' is already taken by %s", spec.name(), before);
      }
      specs.add(spec);
    }
    return List.copyOf(specs);
  }

  /**
   * Reads one collection.
   *
   * @param place where it stands in the document
   * @throws AlphornException INVALID_ARGUMENT naming the place in the document
   */
  public static VariableCollectionSpec parse(JsonNode json, String place) {
    DocumentObject object =
        DocumentObject.of(json, place, "name", "variables", "layers", "pattern");
    String name = object.string("name");
    if (!NAME.matcher(name).matches()) {
      throw DocumentObject.mistake(
          object.place("name"),
          "expected a letter or _, then letters, digits, _, . and -, 128 at most, found '%s'",
          name);
    }
    if (BUILT_IN.contains(name)) {
      throw DocumentObject.mistake(
          object.place("name"), "'%s' is a collection that every model has", name);
    }
    List<Selector> selectors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      selectors.addAll(selectors(object, entry.getKey()));
    }
    if (selectors.isEmpty()) {
      throw DocumentObject.mistake(
          place, "the collection is empty: expected 'variables', 'layers' or 'pattern'");
    }
    return new VariableCollectionSpec(name, selectors, place);
  }

  private static List<Selector> selectors(DocumentObject object, String key) {
    return switch (key) {
      case "variables" ->
          object.list(key, (item, at) -> Selector.variable(DocumentObject.string(item, at), at));
      case "layers" ->
          object.list(key, (item, at) -> Selector.layer(DocumentObject.string(item, at), at));
      case "pattern" -> List.of(Selector.pattern(object.string(key), object.place(key)));
      default -> List.of();
    };
  }

  private String namePlace() {
    return place + ".name";
  }

  /**
   * The paths of the collection's variables in a model.
   *
   * @param variables the paths of all of the model's variables, in Keras's order
   * @param layers the names of the model's layers
   * @throws AlphornException INVALID_ARGUMENT when a selector names nothing, or the name is that of
   *     a layer; the message names the place in the document
   */
  public List<String> resolve(List<String> variables, Collection<String> layers) {
    if (layers.contains(name)) {
      throw DocumentObject.mistake(
          namePlace(), "'%s' is already taken by the layer of that name", name);
    }
    Set<String> chosen = new LinkedHashSet<>();
    for (Selector selector : selectors) {
      List<String> selected = variables.stream().filter(selector.selects()).toList();
      if (selected.isEmpty()) {
        throw DocumentObject.mistake(selector.place(), "the model has no %s", selector.meaning());
      }
      chosen.addAll(selected);
    }
    return List.copyOf(chosen);
  }
}
