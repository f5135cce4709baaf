package io.alphorn.compiler;

import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The arguments of one call, bound to parameter names as Python does it. */
public record Arguments(Map<String, Nested<KerasTensor>> values) {
  /**
   * Binds positional and keyword arguments to parameters. A last parameter with a star, as {@code
   * *operands}, takes all positional arguments that are left, as a list under its name without the
   * star; with two stars, as {@code **lengths}, all keywords that are left, as a dict.
   *
   * @throws AlphornException UNIMPLEMENTED for a parameter that the lowering doesn't know
   */
  static Arguments bind(
      List<String> parameters,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords) {
    String last = parameters.isEmpty() ? "" : parameters.getLast();
    boolean variadicKeywords = last.startsWith("**");
    boolean variadic = last.startsWith("*") && !variadicKeywords;
    int named = variadic || variadicKeywords ? parameters.size() - 1 : parameters.size();
    if (positional.size() > named && !variadic) {
      throw AlphornException.unimplemented(
          "called with %d positional arguments; known are %s", positional.size(), parameters);
    }
    Map<String, Nested<KerasTensor>> values = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(named, positional.size()); i++) {
      values.put(parameters.get(i), positional.get(i));
    }
    if (variadic) {
      List<Nested<KerasTensor>> rest =
          positional.subList(Math.min(named, positional.size()), positional.size());
      values.put(last.substring(1), new Nested.Items<>(rest));
    }
    Map<String, Nested<KerasTensor>> others = new LinkedHashMap<>();
    keywords.forEach(
        (name, value) -> {
          if (variadicKeywords && !parameters.contains(name)) {
            others.put(name, value);
            return;
          }
          if (!parameters.contains(name) && !isIgnored(name, value)) {
            throw AlphornException.unimplemented(
                "called with argument '%s', which is not known; known are %s", name, parameters);
          }
          values.put(name, value);
        });
    if (variadicKeywords) {
      values.put(last.substring(2), new Nested.Entries<>(others));
    }
    values.values().removeIf(Nested::isNone);
    return new Arguments(values);
  }

  /** Whether a layer trains is decided before it is called, and an absent argument says nothing. */
  private static boolean isIgnored(String name, Nested<KerasTensor> value) {
    return name.equals("training") || value.isNone();
  }

  /** The argument, unless it was left out or given as None. */
  public Optional<Nested<KerasTensor>> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  public Nested<KerasTensor> get(String name) {
    return find(name)
        .orElseThrow(() -> AlphornException.invalidArgument("argument '%s' is missing", name));
  }

  /** An argument that must be one tensor. */
  public KerasTensor tensor(String name) {
    if (get(name) instanceof Nested.Leaf<KerasTensor>(KerasTensor tensor)) {
      return tensor;
    }
    throw AlphornException.invalidArgument("argument '%s' must be one tensor", name);
  }

  /** An argument that may be left out, else must be one tensor. */
  public Optional<KerasTensor> findTensor(String name) {
    return find(name).map(value -> tensor(name));
  }

  /** An argument that is a tensor or a structure of tensors, flattened. */
  public List<KerasTensor> tensors(String name) {
    return find(name).map(Nested::leaves).orElse(List.of());
  }

  /** How many arguments hold tensors: where they are several, Keras fills in no mask by itself. */
  long tensorArguments() {
    return values.values().stream().filter(value -> !value.leaves().isEmpty()).count();
  }

  /** The same arguments with every tensor replaced. */
  Arguments map(java.util.function.UnaryOperator<KerasTensor> function) {
    Map<String, Nested<KerasTensor>> mapped = new LinkedHashMap<>();
    values.forEach((name, value) -> mapped.put(name, value.map(function)));
    return new Arguments(mapped);
  }

  /** The first argument, which Keras takes masks from. */
  Optional<Nested<KerasTensor>> first() {
    return new ArrayList<>(values.values()).stream().findFirst();
  }
}
