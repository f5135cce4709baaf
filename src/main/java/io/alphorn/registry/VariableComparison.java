package io.alphorn.registry;

import io.alphorn.compiler.ModelVariable;
import io.alphorn.tensor.TensorDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  /** Compares, two variables in memory at a time. */
  public static VariableComparison of(List<ModelVariable> variables, List<ModelVariable> others) {
    Map<String, ModelVariable> left = new LinkedHashMap<>();
    others.forEach(variable -> left.put(variable.path(), variable));
    List<Change> changed = new ArrayList<>();
    List<Reshaped> reshaped = new ArrayList<>();
    List<ModelVariable> added = new ArrayList<>();
    int unchanged = 0;
    for (ModelVariable variable : variables) {
      ModelVariable other = left.remove(variable.path());
      if (other == null) {
        added.add(variable);
      } else if (!sameKind(variable, other)) {
        reshaped.add(new Reshaped(variable, other));
      } else {
        TensorDifference difference = TensorDifference.between(variable.read(), other.read());
        if (difference.changed() == 0) {
          unchanged++;
        } else {
          changed.add(new Change(variable, difference));
        }
      }
    }
    return new VariableComparison(changed, reshaped, added, List.copyOf(left.values()), unchanged);
  }

  private static boolean sameKind(ModelVariable one, ModelVariable other) {
    return one.dtype() == other.dtype() && Arrays.equals(one.shape(), other.shape());
  }
}
