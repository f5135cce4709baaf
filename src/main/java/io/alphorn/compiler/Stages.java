package io.alphorn.compiler;

import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.HostFunction;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Uses;
import io.alphorn.compiler.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts a graph into stages: host functions by themselves, all other operators in as few ONNX graphs
 * as order and endpoints allow. Operators stand in one stage only when the same endpoints need
 * them, so that each endpoint runs what it needs and nothing else, and no weight is in two stages.
 */
final class Stages {
  /** Which nodes can stand in one stage: those with equal keys on one level. */
  private record Key(int level, boolean host, BitSet endpoints) {}

  private final Graph graph;
  private final List<EndpointSignature> signatures;
  private final Map<Value, Node> producers = new HashMap<>();

  /** Operators of constants alone are copied to every stage that uses them, which folds them. */
  private final Set<Node> fixed = new HashSet<>();

  private final Map<Node, BitSet> needs = new HashMap<>();
  private final List<Node> placed;
  private final Map<Node, Integer> levels = new LinkedHashMap<>();

  private Stages(Graph graph, List<EndpointSignature> signatures) {
    this.graph = graph;
    this.signatures = signatures;
    for (Node node : graph.nodes()) {
      node.outputs().forEach(value -> producers.put(value, node));
      boolean alike = !node.isHost() && !node.isRandom();
      if (alike && Uses.of(node).stream().allMatch(this::isFixed)) {
        fixed.add(node);
      }
    }
    for (int i = 0; i < signatures.size(); i++) {
      markNeeds(i);
    }
    this.placed = placed();
  }

  private boolean isFixed(Value value) {
    Node producer = producers.get(value);
    return producer == null ? graph.constants().containsKey(value) : fixed.contains(producer);
  }

  /** The endpoints with their stages; stages that several need are the same objects. */
  static List<CompiledEndpoint> of(Graph graph, List<EndpointSignature> signatures) {
    Stages stages = new Stages(graph, signatures);
    stages.placeEarly();
    stages.placeLate();
    return stages.cut();
  }

  private void markNeeds(int endpoint) {
    EndpointSignature signature = signatures.get(endpoint);
    graph
        .between(signature.sources(), signature.results())
        .nodes()
        .forEach(node -> needs.computeIfAbsent(node, key -> new BitSet()).set(endpoint));
  }

  /**
   * The nodes that stand in one stage each: all that are needed, but of the operators of constants
   * only those whose values leave the ONNX graphs.
   */
  private List<Node> placed() {
    Set<Value> leaving = new HashSet<>(graph.outputs());
    graph.nodes().stream().filter(Node::isHost).map(Uses::of).forEach(leaving::addAll);
    return graph.nodes().stream()
        .filter(needs::containsKey)
        .filter(
            node -> !fixed.contains(node) || node.outputs().stream().anyMatch(leaving::contains))
        .toList();
  }

  private boolean areAlike(Node a, Node b) {
    return a.isHost() == b.isHost() && needs(a).equals(needs(b));
  }

  private BitSet needs(Node node) {
    return Objects.requireNonNull(needs.get(node));
  }

  private void placeEarly() {
    for (Node node : placed) {
      int level = 0;
      for (Value input : Uses.of(node)) {
        Node producer = producers.get(input);
        Integer before = producer == null ? null : levels.get(producer);
        if (before != null) {
          boolean together = areAlike(Objects.requireNonNull(producer), node) && !node.isHost();
          level = Math.max(level, together ? before : before + 1);
        }
      }
      levels.put(node, level);
    }
  }

  /** Operators wait for their first user where it is of their kind, so that stages are fewer. */
  private void placeLate() {
    Map<Value, Node> firstUsers = new HashMap<>();
    for (Node node : placed.reversed()) {
      if (!node.isHost()) {
        node.outputs().stream()
            .map(firstUsers::get)
            .filter(Objects::nonNull)
            .min(Comparator.comparing(this::level))
            .filter(user -> areAlike(user, node))
            .ifPresent(user -> levels.put(node, Math.max(level(node), level(user))));
      }
      for (Value value : Uses.of(node)) {
        firstUsers.merge(value, node, (a, b) -> level(b) < level(a) ? b : a);
      }
    }
  }

  private int level(Node node) {
    return levels.getOrDefault(node, 0);
  }

  private List<CompiledEndpoint> cut() {
    Map<Key, List<Node>> groups =
        new TreeMap<>(
            Comparator.comparingInt(Key::level)
                .thenComparing(Key::host)
                .thenComparing(key -> key.endpoints().toString()));
    for (Node node : placed) {
      Key key = new Key(level(node), node.isHost(), needs(node));
      groups.computeIfAbsent(key, created -> new ArrayList<>()).add(node);
    }
    List<List<Stage>> stages = new ArrayList<>();
    signatures.forEach(signature -> stages.add(new ArrayList<>()));
    groups.forEach(
        (key, nodes) -> {
          List<Stage> made =
              key.host()
                  ? nodes.stream().map(this::hostStage).toList()
                  : List.of(new Stage.OnnxGraph(part(nodes)));
          key.endpoints().stream().forEach(endpoint -> stages.get(endpoint).addAll(made));
        });
    List<CompiledEndpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < signatures.size(); i++) {
      endpoints.add(new CompiledEndpoint(signatures.get(i), stages.get(i)));
    }
    return endpoints;
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

  private Graph part(List<Node> own) {
    List<Node> nodes = withFixed(own);
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
    Set<Value> wanted = wantedElsewhere(new HashSet<>(own));
    List<Value> given =
        own.stream().flatMap(node -> node.outputs().stream()).filter(wanted::contains).toList();
    return new Graph(List.copyOf(taken), given, nodes, constants);
  }

  /** What the endpoints answer, and what nodes of other stages take. */
  private Set<Value> wantedElsewhere(Set<Node> own) {
    Set<Value> wanted = new HashSet<>(graph.outputs());
    placed.stream()
        .filter(node -> !own.contains(node))
        .forEach(node -> wanted.addAll(Uses.of(node)));
    return wanted;
  }

  /** The nodes, and before them the operators of constants that they use. */
  private List<Node> withFixed(List<Node> own) {
    Set<Node> all = new HashSet<>(own);
    for (Node node : graph.nodes().reversed()) {
      if (all.contains(node)) {
        Uses.of(node).stream()
            .map(producers::get)
            .filter(producer -> producer != null && fixed.contains(producer))
            .forEach(all::add);
      }
    }
    return graph.nodes().stream().filter(all::contains).toList();
  }
}
