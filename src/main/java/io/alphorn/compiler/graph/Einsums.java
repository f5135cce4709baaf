package io.alphorn.compiler.graph;

import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Shapes of Einstein sums. */
final class Einsums {
  private Einsums() {}

  static Shape shape(String equation, List<Shape> operands) {
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (sides.length != 2 || terms.length != operands.size()) {
      throw AlphornException.invalidArgument(
          "einsum equation '%s' does not fit %d operands", equation, operands.size());
    }
    Map<Character, Dim> sizes = new HashMap<>();
    for (int i = 0; i < terms.length; i++) {
      bind(equation, terms[i], operands.get(i), sizes);
    }
    List<Dim> dims = new ArrayList<>();
    for (char label : sides[1].toCharArray()) {
      Dim dim = sizes.get(label);
      if (dim == null) {
        throw AlphornException.invalidArgument(
            "einsum equation '%s' has an output label '%c' that no operand has", equation, label);
      }
      dims.add(dim);
    }
    return new Shape(dims);
  }

  private static void bind(String equation, String term, Shape shape, Map<Character, Dim> sizes) {
    if (term.length() != shape.rank()) {
      throw AlphornException.invalidArgument(
          "einsum equation '%s': term '%s' does not fit shape %s", equation, term, shape);
    }
    for (int axis = 0; axis < term.length(); axis++) {
      Dim dim = shape.dim(axis);
      sizes.merge(term.charAt(axis), dim, (known, now) -> isWiser(now, known) ? now : known);
    }
  }

  private static boolean isWiser(Dim now, Dim known) {
    return now.isKnown() && (!known.isKnown() || known.size() == 1);
  }
}
