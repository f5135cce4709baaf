package io.alphorn.api.admin;

import io.alphorn.compiler.ModelOutline;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A model's outline as the text that Keras's {@code model.summary()} prints. */
final class SummaryTable {
  private static final String NESTED = "   ";
  private static final int BYTES_A_UNIT = 1024;
  private static final List<String> UNITS = List.of("B", "KB", "MB", "GB", "TB", "PB");

  /** Widths of the columns' contents in Keras's tables of 88 and 108 characters. */
  private static final List<Integer> CHAIN_WIDTHS = List.of(36, 27, 15);

  private static final List<Integer> GRAPH_WIDTHS = List.of(29, 25, 15, 26);

  private final ModelOutline model;
  private final boolean expandNested;
  private final List<Integer> widths;
  private final StringBuilder text = new StringBuilder();

  private SummaryTable(ModelOutline model, boolean expandNested) {
    this.model = model;
    this.expandNested = expandNested;
    this.widths = model.isChain() ? CHAIN_WIDTHS : GRAPH_WIDTHS;
  }

  /** The text; with {@code expandNested} the layers of nested models have rows of their own. */
  static String print(ModelOutline model, boolean expandNested) {
    SummaryTable table = new SummaryTable(model, expandNested);
    table.print();
    return table.text.toString();
  }

  private void print() {
    text.append("Model: \"").append(model.name()).append("\"\n");
    rule('┏', '━', '┳', '┓');
    row(List.of("Layer (type)", "Output Shape", "Param #", "Connected to"), '┃');
    rule('┡', '━', '╇', '┩');
    List<List<String>> rows = new ArrayList<>();
    model.layers().forEach(layer -> collect(layer, 0, rows));
    for (int i = 0; i < rows.size(); i++) {
      if (i > 0) {
        rule('├', '─', '┼', '┤');
      }
      row(rows.get(i), '│');
    }
    rule('└', '─', '┴', '┘');
    size(" Total params: ", model.trainable().plus(model.nonTrainable()));
    size(" Trainable params: ", model.trainable());
    size(" Non-trainable params: ", model.nonTrainable());
  }

  private void collect(ModelOutline.Layer layer, int depth, List<List<String>> rows) {
    String prefix = depth == 0 ? "" : NESTED.repeat(depth) + "└ ";
    rows.add(
        List.of(
            "%s%s (%s)".formatted(prefix, layer.name(), layer.className()),
            shapes(layer.outputShapes()),
            String.format(Locale.ROOT, "%,d", layer.parameters()),
            connections(layer)));
    if (expandNested) {
      layer.layers().forEach(inner -> collect(inner, depth + 1, rows));
    }
  }

  private static String shapes(List<Shape> shapes) {
    if (shapes.isEmpty()) {
      return "?";
    }
    String all = shapes.stream().map(SummaryTable::shape).collect(Collectors.joining(", "));
    return shapes.size() == 1 ? all : "[" + all + "]";
  }

  private static String shape(Shape shape) {
    return shape.dims().stream()
        .map(SummaryTable::dimension)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String dimension(Dim dim) {
    return dim.isKnown() ? Long.toString(dim.size()) : "None";
  }

  private static String connections(ModelOutline.Layer layer) {
    return layer.connections().isEmpty()
        ? "-"
        : layer.connections().stream()
            .map(from -> "%s[%d][%d]".formatted(from.layer(), from.call(), from.output()))
            .collect(Collectors.joining(", "));
  }

  private void rule(char left, char line, char between, char right) {
    text.append(
        widths.stream()
            .map(width -> String.valueOf(line).repeat(width + 2))
            .collect(Collectors.joining(String.valueOf(between), left + "", right + "\n")));
  }

  /** One row, as many lines high as its highest cell. Numbers stand at the right. */
  private void row(List<String> cells, char bar) {
    List<List<String>> lines = new ArrayList<>();
    for (int i = 0; i < widths.size(); i++) {
      lines.add(wrapped(cells.get(i), widths.get(i)));
    }
    int height = lines.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      text.append(bar);
      for (int i = 0; i < widths.size(); i++) {
        String part = line < lines.get(i).size() ? lines.get(i).get(line) : "";
        String padding = " ".repeat(widths.get(i) - part.length());
        text.append(' ').append(i == 2 ? padding + part : part + padding).append(' ').append(bar);
      }
      text.append('\n');
    }
  }

  /** Lines of at most {@code width} characters, broken at spaces; longer words are cut. */
  private static List<String> wrapped(String cell, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : cell.split("(?<= )(?=\\S)")) {
      int length = word.stripTrailing().length();
      if (line.length() + length > width && !line.isEmpty()) {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
      }
      line.append(length > width ? word.substring(0, width - 1) + "…" : word);
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  private void size(String label, ModelOutline.Size size) {
    text.append(label)
        .append(String.format(Locale.ROOT, "%,d", size.parameters()))
        .append(" (")
        .append(readable(size.bytes()))
        .append(")\n");
  }

  private static String readable(long bytes) {
    double left = bytes;
    int unit = 0;
    while (left >= BYTES_A_UNIT && unit < UNITS.size() - 1) {
      left /= BYTES_A_UNIT;
      unit++;
    }
    return new BigDecimal(left).setScale(2, RoundingMode.HALF_EVEN) + " " + UNITS.get(unit);
  }
}
