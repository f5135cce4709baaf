package io.alphorn.registry;

import io.alphorn.compiler.ModelVariable;
import io.alphorn.tensor.TensorDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What sets the variables of one version of a model apart from those of another, matched by path.
 *
 * @param changed those whose elements differ
 * @param reshaped those whose shape or type differ, so that elements cannot be compared
 * @param added those that only this version has
 * @param removed those that only the other version has
 * @param unchanged how many are equal in both
 */
public record VariableComparison(
    List<Change> changed,
    List<Reshaped> reshaped,
    List<ModelVariable> added,
    List<ModelVariable> removed,
    int unchanged) {

  /** A variable whose elements differ. */
  public record Change(ModelVariable variable, TensorDifference difference) {}

  /** A variable whose shape or type differ. */
  public record Reshaped(ModelVariable variable, ModelVariable other) {}

  /**
   * Compares a collection, two variables in memory at a time.
   *
   * @param collection of this version's variables
   * @param model all of this version's collections
   * @param other all of the other version's
   */
  public static VariableComparison of(
      VariableCollection collection, VariableCollections model, VariableCollections other) {
    List<Change> changed = new ArrayList<>();
    List<Reshaped> reshaped = new ArrayList<>();
    List<ModelVariable> added = new ArrayList<>();
    int unchanged = 0;
    for (ModelVariable variable : collection.variables()) {
      Optional<ModelVariable> before = other.all().find(variable.path());
      if (before.isEmpty()) {
        added.add(variable);
      } else if (!sameKind(variable, before.get())) {
        reshaped.add(new Reshaped(variable, before.get()));
      } else {
        TensorDifference difference =
            TensorDifference.between(variable.read(), before.get().read());
        if (difference.changed() == 0) {
          unchanged++;
        } else {
          changed.add(new Change(variable, difference));
        }
      }
    }
    List<ModelVariable> removed =
        other.find(collection.name()).stream()
            .flatMap(before -> before.variables().stream())
            .filter(variable -> model.all().find(variable.path()).isEmpty())
            .toList();
    return new VariableComparison(changed, reshaped, added, removed, unchanged);
  }

  private static boolean sameKind(ModelVariable one, ModelVariable other) {
    return one.dtype() == other.dtype() && Arrays.equals(one.shape(), other.shape());
  }
}
