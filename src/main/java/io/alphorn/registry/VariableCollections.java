package io.alphorn.registry;

import io.alphorn.compiler.ModelVariable;
import io.alphorn.endpoint.VariableCollectionSpec;
import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The collections of a model's variables: {@code all}, {@code trainable} and {@code non_trainable}
 * in the order of Keras's {@code model.weights}, one for each layer of the model that has
 * variables, and those that the user added.
 */
public final class VariableCollections {
  private final Map<String, VariableCollection> byName;

  private VariableCollections(Map<String, VariableCollection> byName) {
    this.byName = byName;
  }

  /** The collections of a model that the user added none to. */
  public static VariableCollections of(List<ModelVariable> variables) {
    return of(variables, List.of());
  }

  /**
   * The collections of a model.
   *
   * @param variables all of them, in Keras's order
   * @throws AlphornException INVALID_ARGUMENT when an added one does not fit the model
   */
  public static VariableCollections of(
      List<ModelVariable> variables, List<VariableCollectionSpec> added) {
    Map<String, VariableCollection> byName = new LinkedHashMap<>();
    put(byName, "all", variables);
    put(byName, "trainable", variables.stream().filter(ModelVariable::trainable).toList());
    put(byName, "non_trainable", variables.stream().filter(v -> !v.trainable()).toList());
    // A layer that is called as a built-in collection is reached through `all`.
    Map<String, List<ModelVariable>> layers = new LinkedHashMap<>();
    for (ModelVariable variable : variables) {
      layers.computeIfAbsent(layerOf(variable), name -> new ArrayList<>()).add(variable);
    }
    layers.forEach((name, own) -> byName.putIfAbsent(name, new VariableCollection(name, own)));
    Map<String, ModelVariable> byPath = new LinkedHashMap<>();
    variables.forEach(variable -> byPath.put(variable.path(), variable));
    for (VariableCollectionSpec spec : added) {
      put(
          byName,
          spec.name(),
          spec.resolve(List.copyOf(byPath.keySet()), layers.keySet()).stream()
              .map(path -> Objects.requireNonNull(byPath.get(path)))
              .toList());
    }
    return new VariableCollections(byName);
  }

  /**
   * Checks that collections can be added to a model.
   *
   * @throws AlphornException INVALID_ARGUMENT naming the place in the document when one cannot
   */
  static void requireFitting(List<ModelVariable> variables, List<VariableCollectionSpec> added) {
    if (!added.isEmpty()) {
      of(variables, added);
    }
  }

  private static void put(
      Map<String, VariableCollection> byName, String name, List<ModelVariable> variables) {
    byName.put(name, new VariableCollection(name, variables));
  }

  /** The name of the model's layer that has the variable. */
  private static String layerOf(ModelVariable variable) {
    return variable.path().substring(0, Math.max(0, variable.path().indexOf('/')));
  }

  /** All collections, those that every model has first. */
  public List<VariableCollection> list() {
    return List.copyOf(byName.values());
  }

  /** All of the model's variables. */
  public VariableCollection all() {
    return require("all");
  }

  public Optional<VariableCollection> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * The collection of that name.
   *
   * @throws AlphornException NOT_FOUND when there is none
   */
  public VariableCollection require(String name) {
    VariableCollection collection = byName.get(name);
    if (collection == null) {
      throw AlphornException.notFound(
          "there is no collection of variables '%s'; there are %s", name, shownNames());
    }
    return collection;
  }

  private String shownNames() {
    int shown = 20;
    String names =
        byName.keySet().stream()
            .limit(shown)
            .map("'%s'"::formatted)
            .collect(Collectors.joining(", "));
    int more = byName.size() - shown;
    return more > 0 ? "%s and %d more".formatted(names, more) : names;
  }
}
