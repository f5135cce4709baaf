package io.alphorn.compiler;

import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.HostFunction;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Uses;
import io.alphorn.compiler.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts a graph into stages: host functions by themselves, all other operators in as few ONNX graphs
 * as the order allows. Levels alternate: ONNX graphs stand on even ones, host functions on odd
 * ones.
 */
final class Stages {
  private final Graph graph;
  private final Map<Value, Node> producers = new HashMap<>();
  private final Map<Node, Integer> levels = new LinkedHashMap<>();

  private Stages(Graph graph) {
    this.graph = graph;
    graph.nodes().forEach(node -> node.outputs().forEach(value -> producers.put(value, node)));
  }

  static List<Stage> of(Graph graph) {
    if (graph.nodes().stream().noneMatch(Node::isHost)) {
      return List.of(new Stage.OnnxGraph(graph));
    }
    Stages stages = new Stages(graph);
    stages.placeEarly();
    stages.placeLate();
    return stages.cut();
  }

  private void placeEarly() {
    for (Node node : graph.nodes()) {
      int level = node.isHost() ? 1 : 0;
      for (Value input : Uses.of(node)) {
        Node producer = producers.get(input);
        if (producer != null) {
          int before = levels.getOrDefault(producer, 0);
          level = Math.max(level, producer.isHost() == node.isHost() ? before : before + 1);
        }
      }
      levels.put(node, level);
    }
  }

  /**
   * Operators wait for their first user, so that no stage stands before the first host function.
   */
  private void placeLate() {
    int last = levels.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    Map<Value, Integer> latest = new HashMap<>();
    graph.outputs().forEach(output -> latest.put(output, last + 1));
    for (Node node : graph.nodes().reversed()) {
      int level = levels.getOrDefault(node, 0);
      if (!node.isHost()) {
        int use =
            node.outputs().stream()
                .mapToInt(value -> latest.getOrDefault(value, last + 1))
                .min()
                .orElse(level);
        int even = use > last ? evenUpTo(last) : evenUpTo(use);
        level = Math.max(level, even);
        levels.put(node, level);
      }
      int own = level;
      Uses.of(node).forEach(value -> latest.merge(value, own, Math::min));
    }
  }

  private static int evenUpTo(int level) {
    return level - level % 2;
  }

  private List<Stage> cut() {
    Map<Integer, List<Node>> byLevel = new TreeMap<>();
    graph
        .nodes()
        .forEach(
            node ->
                byLevel
                    .computeIfAbsent(levels.getOrDefault(node, 0), key -> new ArrayList<>())
                    .add(node));
    List<Stage> stages = new ArrayList<>();
    for (List<Node> nodes : byLevel.values()) {
      if (nodes.getFirst().isHost()) {
        nodes.forEach(node -> stages.add(hostStage(node)));
      } else {
        stages.add(new Stage.OnnxGraph(part(nodes)));
      }
    }
    return stages;
  }

  private Stage hostStage(Node node) {
    HostFunction function = Objects.requireNonNull(node.host(), node.operator());
    Map<Value, Constant> constants = new LinkedHashMap<>();
    for (Value input : node.inputs()) {
      Constant constant = graph.constants().get(input);
      if (constant != null) {
        constants.put(input, constant);
      }
    }
    return new Stage.Host(node, function, constants);
  }

  private Graph part(List<Node> nodes) {
    Set<Value> made = new LinkedHashSet<>();
    Set<Value> taken = new LinkedHashSet<>();
    Map<Value, Constant> constants = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (Value input : Uses.of(node)) {
        Constant constant = graph.constants().get(input);
        if (constant != null) {
          constants.put(input, constant);
        } else if (!made.contains(input)) {
          taken.add(input);
        }
      }
      made.addAll(node.outputs());
    }
    Set<Value> wanted = new LinkedHashSet<>(graph.outputs());
    graph.nodes().stream()
        .filter(node -> !nodes.contains(node))
        .map(Uses::of)
        .forEach(wanted::addAll);
    List<Value> given = made.stream().filter(wanted::contains).toList();
    return new Graph(List.copyOf(taken), given, nodes, constants);
  }
}
