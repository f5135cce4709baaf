package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * {@code keras.ops.rearrange}: a reshape and a transpose in Einstein's notation, as {@code "b (h w)
 * c -> b c h w"}. Follows {@code keras/src/ops/einops.py}.
 */
public final class EinopsOps {
  private static final Pattern ARROW = Pattern.compile("\\s*->\\s*");
  private static final Pattern GROUP = Pattern.compile("\\w+|\\(.*?\\)");
  private static final Pattern AXIS = Pattern.compile("\\w+");

  /**
   * The size of an axis.
   *
   * @param length the same as a vector of one element
   */
  private record Axis(Dim dim, Value length) {
    Axis times(Axis other, GraphBuilder g) {
      if (other.dim.equals(Dim.of(1))) {
        return this;
      }
      if (dim.equals(Dim.of(1))) {
        return other;
      }
      if (dim.isKnown() && other.dim.isKnown()) {
        long size = dim.size() * other.dim.size();
        return new Axis(Dim.of(size), g.longs(size));
      }
      return new Axis(g.freshDim(), g.mul(length, other.length));
    }
  }

  private EinopsOps() {}

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.operation("einops", "Rearrange", EinopsOps::rearrange)
            .parameters("tensor", "pattern", "**axes_lengths"));
  }

  private static Nested<KerasTensor> rearrange(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("tensor");
    String pattern = operands.get("pattern").string();
    String[] sides = ARROW.split(pattern, -1);
    List<List<String>> from = groups(sides[0]);
    if (sides.length != 2 || from.size() != x.rank()) {
      throw AlphornException.invalidArgument(
          "pattern '%s' does not fit a tensor of shape %s", pattern, x.shape());
    }
    List<String> axes = from.stream().flatMap(List::stream).toList();
    Map<String, Axis> sizes = sizes(g, x, from, lengths(call));
    Value split = reshape(g, x, axes.stream().map(List::of).toList(), sizes);
    List<List<String>> to = groups(sides[1]);
    int[] order = to.stream().flatMap(List::stream).mapToInt(axes::indexOf).toArray();
    return output(reshape(g, g.transpose(split, order), to, sizes));
  }

  /** The axes of a side, those in parentheses together. */
  private static List<List<String>> groups(String side) {
    return GROUP.matcher(side).results().map(MatchResult::group).map(EinopsOps::axes).toList();
  }

  private static List<String> axes(String group) {
    return AXIS.matcher(group).results().map(MatchResult::group).toList();
  }

  private static Map<String, Long> lengths(OperationCall call) {
    Map<String, Long> lengths = new HashMap<>();
    if (call.arguments().find("axes_lengths").orElse(null)
        instanceof Nested.Entries<KerasTensor>(Map<String, Nested<KerasTensor>> entries)) {
      entries.forEach(
          (axis, length) -> lengths.put(axis, new Operand(call.graph(), axis, length).integer()));
    }
    return lengths;
  }

  /** The size of each axis; in a group at most one is not given. */
  private static Map<String, Axis> sizes(
      GraphBuilder g, Value x, List<List<String>> groups, Map<String, Long> lengths) {
    Map<String, Axis> sizes = new HashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      List<String> group = groups.get(i);
      long known = 1;
      for (String axis : group) {
        if (group.size() > 1 && lengths.containsKey(axis)) {
          long length = lengths.get(axis);
          sizes.put(axis, new Axis(Dim.of(length), g.longs(length)));
          known *= length;
        }
      }
      for (String axis : group) {
        if (!sizes.containsKey(axis)) {
          sizes.put(axis, divided(g, x.dim(i), known));
        }
      }
    }
    return sizes;
  }

  private static Axis divided(GraphBuilder g, Dim whole, long divisor) {
    if (whole.isKnown()) {
      long length = whole.size() / divisor;
      return new Axis(Dim.of(length), g.longs(length));
    }
    return divisor == 1
        ? new Axis(whole, g.sizeOf(whole))
        : new Axis(g.freshDim(), g.div(g.sizeOf(whole), g.longs(divisor)));
  }

  private static Value reshape(
      GraphBuilder g, Value x, List<List<String>> groups, Map<String, Axis> sizes) {
    List<Axis> axes =
        groups.stream()
            .map(group -> group.stream().map(sizes::get).toList())
            .map(group -> product(g, group))
            .toList();
    Shape shape = new Shape(axes.stream().map(Axis::dim).toList());
    if (shape.dims().stream().filter(dim -> !dim.isKnown()).count() <= 1) {
      return g.reshape(x, shape);
    }
    Value lengths = g.concat(0, axes.stream().map(Axis::length).toList());
    return g.emit("Reshape", Map.of(), List.of(x, lengths), x.dtype(), shape);
  }

  private static Axis product(GraphBuilder g, List<Axis> group) {
    Axis product = new Axis(Dim.of(1), g.longs(1));
    for (Axis axis : group) {
      product = axis.times(product, g);
    }
    return product;
  }
}
