package io.alphorn.compiler.graph;

import java.util.List;

/** A node's attribute, in the kinds that ONNX has and Alphorn uses. */
public sealed interface Attribute {
  record Int(long value) implements Attribute {}

  /** A number, which ONNX's format holds as a float32; passes see all of it. */
  record Real(double value) implements Attribute {}

  record Text(String value) implements Attribute {}

  record Ints(List<Long> values) implements Attribute {}

  record Reals(List<Float> values) implements Attribute {}

  record Texts(List<String> values) implements Attribute {}

  record Subgraph(Graph graph) implements Attribute {}

  static Attribute of(long value) {
    return new Int(value);
  }

  static Attribute of(double value) {
    return new Real(value);
  }

  static Attribute of(String value) {
    return new Text(value);
  }

  static Attribute of(long[] values) {
    return new Ints(java.util.Arrays.stream(values).boxed().toList());
  }

  static Attribute of(Graph graph) {
    return new Subgraph(graph);
  }

  static Attribute ofReals(List<Double> values) {
    return new Reals(values.stream().map(Double::floatValue).toList());
  }

  static Attribute ofTexts(List<String> values) {
    return new Texts(List.copyOf(values));
  }
}
