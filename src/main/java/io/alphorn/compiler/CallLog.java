package io.alphorn.compiler;

import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The calls of layers that a lowering made, by the layers' paths: what endpoints address by name.
 * Not for use by several threads.
 */
final class CallLog {
  /**
   * One call: what was called, on what, and what it gave.
   *
   * @param repeatable whether the same call gives the same in training, and changes nothing else
   * @param inner the calls that it made, by path
   */
  record Entry(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords,
      Nested<KerasTensor> outputs,
      boolean repeatable,
      List<Logged> inner) {
    Entry {
      inner = List.copyOf(inner);
    }

    /** All tensors that it was called on, in order. */
    List<KerasTensor> inputs() {
      List<KerasTensor> inputs = new ArrayList<>();
      positional.forEach(argument -> inputs.addAll(argument.leaves()));
      keywords.values().forEach(argument -> inputs.addAll(argument.leaves()));
      return inputs;
    }
  }

  /** A call with its path. */
  record Logged(String path, Entry entry) {}

  private final Map<String, List<Entry>> calls = new LinkedHashMap<>();
  private final List<Logged> inOrder = new ArrayList<>();

  void add(String path, Entry entry) {
    calls.computeIfAbsent(path, key -> new ArrayList<>()).add(entry);
    inOrder.add(new Logged(path, entry));
  }

  /** How many calls there are by now. */
  int size() {
    return inOrder.size();
  }

  /** The calls after the first {@code count}. */
  List<Logged> since(int count) {
    return inOrder.subList(count, inOrder.size());
  }

  /** A call of the layer at {@code path} on the same arguments that can stand for another one. */
  Optional<Entry> findSame(
      String path,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords) {
    return calls.getOrDefault(path, List.of()).stream()
        .filter(Entry::repeatable)
        .filter(entry -> entry.positional().equals(positional))
        .filter(entry -> entry.keywords().equals(keywords))
        .findFirst();
  }

  /** The calls of the layer at {@code path}, or of the only layer whose name {@code path} is. */
  List<Entry> find(String path) {
    List<Entry> exact = calls.get(path);
    if (exact != null) {
      return exact;
    }
    List<String> named = calls.keySet().stream().filter(key -> key.endsWith("/" + path)).toList();
    return named.size() == 1 ? calls.getOrDefault(named.getFirst(), List.of()) : List.of();
  }

  Set<String> paths() {
    return calls.keySet();
  }
}
