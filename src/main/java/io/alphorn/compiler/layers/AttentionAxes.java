package io.alphorn.compiler.layers;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Einsum equations of attention over any axes ({@code _build_attention_equation}).
 *
 * @param scores of key and query
 * @param combination of scores and value
 */
record AttentionAxes(String scores, String combination) {
  /** For projected tensors of {@code rank} axes, the last two being heads and channels. */
  static AttentionAxes of(int rank, List<Integer> axes) {
    String target = letters(0, rank);
    StringBuilder source = new StringBuilder();
    int next = rank;
    for (int axis = 0; axis < rank; axis++) {
      boolean shared = !axes.contains(axis);
      source.append(shared ? target.charAt(axis) : letters(next, next + 1).charAt(0));
      next += shared ? 0 : 1;
    }
    String batch =
        IntStream.range(0, rank - 1)
            .filter(axis -> !axes.contains(axis))
            .mapToObj(axis -> target.substring(axis, axis + 1))
            .collect(Collectors.joining());
    String product = batch + pick(target, axes) + pick(source.toString(), axes);
    return new AttentionAxes(
        source + "," + target + "->" + product, product + "," + source + "->" + target);
  }

  private static String pick(String letters, List<Integer> axes) {
    return axes.stream()
        .map(axis -> letters.substring(axis, axis + 1))
        .collect(Collectors.joining());
  }

  private static String letters(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Character.toString('a' + i))
        .collect(Collectors.joining());
  }
}
