package io.alphorn.registry;

import io.alphorn.compiler.ModelVariable;
import java.util.List;
import java.util.Optional;

/** Variables of a model under one name, in an order that counts, each once. */
public record VariableCollection(String name, List<ModelVariable> variables) {
  public VariableCollection {
    variables = List.copyOf(variables);
  }

  /** Elements of all variables together. */
  public long elements() {
    return variables.stream().mapToLong(ModelVariable::elements).sum();
  }

  /** Bytes of all variables together. */
  public long bytes() {
    return variables.stream().mapToLong(ModelVariable::bytes).sum();
  }

  public Optional<ModelVariable> find(String path) {
    return variables.stream().filter(variable -> variable.path().equals(path)).findFirst();
  }
}
