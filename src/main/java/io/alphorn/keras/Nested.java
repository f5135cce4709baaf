package io.alphorn.keras;

import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A value of Python as it stands in the arguments of a call or in a model's inputs and outputs:
 * tensors (the leaves, of type {@code T}), lists, dicts and plain values.
 */
public sealed interface Nested<T> {
  record Leaf<T>(T value) implements Nested<T> {}

  /** A list or a tuple. */
  record Items<T>(List<Nested<T>> items) implements Nested<T> {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A dict, in its own order. */
  record Entries<T>(Map<String, Nested<T>> entries) implements Nested<T> {
    public Entries {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }
  }

  record None<T>() implements Nested<T> {}

  record Bool<T>(boolean value) implements Nested<T> {}

  record Int<T>(long value) implements Nested<T> {}

  record Real<T>(double value) implements Nested<T> {}

  record Text<T>(String value) implements Nested<T> {}

  /** An array that the config holds. */
  record Array<T>(Tensor tensor) implements Nested<T> {}

  /** {@code start:stop:step}. */
  record Slice<T>(Nested<T> start, Nested<T> stop, Nested<T> step) implements Nested<T> {}

  /** {@code ...}. */
  record Ellipsis<T>() implements Nested<T> {}

  /** A serialized object: a dtype policy, an initializer, a layer. */
  record Serialized<T>(SerializedObject object) implements Nested<T> {}

  static <T> Nested<T> leaf(T value) {
    return new Leaf<>(value);
  }

  @SafeVarargs
  static <T> Nested<T> items(T... values) {
    List<Nested<T>> items = new ArrayList<>();
    for (T value : values) {
      items.add(new Leaf<>(value));
    }
    return new Items<>(items);
  }

  static <T> Nested<T> items(List<T> values) {
    return new Items<>(values.stream().map(Nested::leaf).toList());
  }

  /** The same structure with every leaf replaced. */
  default <R> Nested<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Leaf<T>(T value) -> new Leaf<>(function.apply(value));
      case Items<T>(List<Nested<T>> items) -> {
        List<Nested<R>> mapped = new ArrayList<>();
        items.forEach(item -> mapped.add(item.map(function)));
        yield new Items<>(mapped);
      }
      case Entries<T>(Map<String, Nested<T>> entries) -> {
        Map<String, Nested<R>> mapped = new LinkedHashMap<>();
        entries.forEach((key, value) -> mapped.put(key, value.map(function)));
        yield new Entries<>(mapped);
      }
      case Slice<T>(Nested<T> start, Nested<T> stop, Nested<T> step) ->
          new Slice<>(start.map(function), stop.map(function), step.map(function));
      case None<T>() -> new None<>();
      case Bool<T>(boolean value) -> new Bool<>(value);
      case Int<T>(long value) -> new Int<>(value);
      case Real<T>(double value) -> new Real<>(value);
      case Text<T>(String value) -> new Text<>(value);
      case Array<T>(Tensor tensor) -> new Array<>(tensor);
      case Ellipsis<T>() -> new Ellipsis<>();
      case Serialized<T>(SerializedObject object) -> new Serialized<>(object);
    };
  }

  /** The tensors in the order in which Keras flattens structures: dict entries by sorted key. */
  default List<T> leaves() {
    List<T> leaves = new ArrayList<>();
    collect(leaves::add);
    return leaves;
  }

  private void collect(Consumer<T> leaves) {
    switch (this) {
      case Leaf<T>(T value) -> leaves.accept(value);
      case Items<T>(List<Nested<T>> items) -> items.forEach(item -> item.collect(leaves));
      case Entries<T>(Map<String, Nested<T>> entries) ->
          new TreeMap<>(entries).values().forEach(entry -> entry.collect(leaves));
      case Slice<T>(Nested<T> start, Nested<T> stop, Nested<T> step) -> {
        start.collect(leaves);
        stop.collect(leaves);
        step.collect(leaves);
      }
      case None<T> none -> {}
      case Bool<T> bool -> {}
      case Int<T> integer -> {}
      case Real<T> real -> {}
      case Text<T> text -> {}
      case Array<T> array -> {}
      case Ellipsis<T> ellipsis -> {}
      case Serialized<T> serialized -> {}
    }
  }

  default boolean isNone() {
    return this instanceof None<T>;
  }
}
