package io.alphorn.compiler.graph;

import io.alphorn.archive.StoredTensor;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Graph} operator by operator. Each method adds one ONNX operator, infers the type
 * and shape of what it gives, and returns that value; a mistake in shapes is reported where it is
 * made. Not for use by several threads.
 */
public final class GraphBuilder implements Windows, Loops, RecurrentOperators, RandomOperators {
  /** A dimension of a value: where a symbol's size can be read in each run. */
  private record Occurrence(Value value, int axis) {}

  /** What a graph shares with its subgraphs. */
  private static final class Shared {
    private final Map<Value, Constant> constants = new LinkedHashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private String origin = "";
    private int symbols;
  }

  private final Shared shared;
  private final @Nullable GraphBuilder outer;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Occurrence> occurrences = new HashMap<>();
  private final Map<Dim, Value> sizes = new HashMap<>();

  public GraphBuilder() {
    this(new Shared(), null);
  }

  private GraphBuilder(Shared shared, @Nullable GraphBuilder outer) {
    this.shared = shared;
    this.outer = outer;
  }

  /** A builder for a rewritten {@code graph}: it has its inputs, its constants and no node yet. */
  public static GraphBuilder rewriting(Graph graph) {
    GraphBuilder builder = new GraphBuilder();
    builder.shared.constants.putAll(graph.constants());
    graph.constants().keySet().forEach(value -> builder.reserve(value.name()));
    builder.take(graph);
    return builder;
  }

  private void take(Graph graph) {
    inputs.addAll(graph.inputs());
    inputs.forEach(this::locate);
    reserveNames(graph);
  }

  private void reserveNames(Graph graph) {
    graph.inputs().forEach(value -> reserve(value.name()));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(value -> reserve(value.name()));
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Subgraph(Graph subgraph)) {
          reserveNames(subgraph);
        }
      }
    }
  }

  private void reserve(String name) {
    shared.names.merge(name, 1, Integer::sum);
  }

  /** Adds a node of the graph that is being rewritten. */
  public void append(Node node) {
    nodes.add(node);
    node.outputs().forEach(this::locate);
  }

  /** Rewrites a subgraph of this graph: {@code body} adds its nodes and gives its outputs. */
  public Graph rewritingSubgraph(Graph subgraph, Function<GraphBuilder, List<Value>> body) {
    GraphBuilder inner = new GraphBuilder(shared, this);
    inner.inputs.addAll(subgraph.inputs());
    inner.inputs.forEach(inner::locate);
    List<Value> results = body.apply(inner);
    return new Graph(inner.inputs, results, inner.nodes, Map.of());
  }

  /** Whether this builds a subgraph, where no node can run in Java. */
  public boolean isSubgraph() {
    return outer != null;
  }

  public boolean isInput(Value value) {
    return inputs.contains(value);
  }

  /** Whether the value is the same in every run. */
  public boolean isConstant(Value value) {
    return shared.constants.containsKey(value);
  }

  /** Adds a graph input under this name, with a number where it is taken. */
  public Value input(String name, DType dtype, Shape shape) {
    Value value = new Value(unique(name), dtype, shape);
    inputs.add(value);
    locate(value);
    return value;
  }

  /** Runs {@code body} with its nodes marked as coming from {@code path}. */
  public <T> T from(String path, Supplier<T> body) {
    String before = shared.origin;
    shared.origin = path;
    try {
      return body.get();
    } finally {
      shared.origin = before;
    }
  }

  @Override
  public List<Value> emit(
      String operator, Map<String, Attribute> attributes, List<Value> inputs, List<Type> outputs) {
    return add(operator, Node.ONNX, attributes, inputs, outputs, null);
  }

  /** Adds a node of {@code com.microsoft}, ONNX Runtime's own operator set. */
  public Value microsoft(
      String operator,
      Map<String, Attribute> attributes,
      List<Value> inputs,
      DType dtype,
      Shape shape) {
    return add(operator, Node.MICROSOFT, attributes, inputs, List.of(new Type(dtype, shape)), null)
        .getFirst();
  }

  /** Adds a node that runs in Java. */
  public Value host(
      String name, List<Value> inputs, DType dtype, Shape shape, HostFunction function) {
    return add(name, Node.HOST, Map.of(), inputs, List.of(new Type(dtype, shape)), function)
        .getFirst();
  }

  /** Adds a node with several outputs that runs in Java. */
  public List<Value> host(
      String name, List<Value> inputs, List<DType> dtypes, List<Shape> shapes, HostFunction host) {
    List<Type> types = new ArrayList<>();
    for (int i = 0; i < dtypes.size(); i++) {
      types.add(new Type(dtypes.get(i), shapes.get(i)));
    }
    return add(name, Node.HOST, Map.of(), inputs, types, host);
  }

  private List<Value> add(
      String operator,
      String domain,
      Map<String, Attribute> attributes,
      List<Value> inputs,
      List<Type> types,
      @Nullable HostFunction host) {
    String prefix = shared.origin.isEmpty() ? operator : shared.origin + "/" + operator;
    List<Value> outputs =
        types.stream().map(type -> new Value(unique(prefix), type.dtype(), type.shape())).toList();
    nodes.add(new Node(operator, domain, inputs, outputs, attributes, shared.origin, host));
    outputs.forEach(this::locate);
    return outputs;
  }

  @Override
  public Value constant(Tensor tensor) {
    return constant("constant", new Constant.Literal(tensor), tensor.dtype(), tensor.shape());
  }

  @Override
  public Value constant(StoredTensor tensor) {
    return constant(tensor.path(), new Constant.Stored(tensor), tensor.dtype(), tensor.shape());
  }

  /** A constant is reshaped where it is, so that it can still be mapped from the archive. */
  @Override
  public Value reshape(Value x, Shape target) {
    Optional<Constant> constant = constantOf(x);
    if (constant.isEmpty() || !target.isKnown() || x.shape().equals(target)) {
      return Windows.super.reshape(x, target);
    }
    List<Long> sizes = target.dims().stream().map(Dim::size).toList();
    return constant(
        x.name(), new Constant.Reshaped(constant.get(), sizes), x.dtype(), target.sizes());
  }

  private Value constant(String name, Constant constant, DType dtype, long[] shape) {
    Value value = new Value(unique(name), dtype, Shape.of(shape));
    shared.constants.put(value, constant);
    return value;
  }

  @Override
  public Optional<Constant> constantOf(Value value) {
    return Optional.ofNullable(shared.constants.get(value));
  }

  /** The operator that gives {@code value}, if one of this graph does. */
  public Optional<Node> producer(Value value) {
    return nodes.stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  @Override
  public Dim freshDim() {
    return Dim.symbolic("d" + shared.symbols++);
  }

  @Override
  public Value sizeOf(Dim dim) {
    if (dim.isKnown()) {
      return longs(dim.size());
    }
    Value known = sizes.get(dim);
    if (known == null) {
      known = readSize(dim);
      sizes.put(dim, known);
    }
    return known;
  }

  private Value readSize(Dim dim) {
    Occurrence occurrence = occurrences.get(dim.symbol());
    if (occurrence == null) {
      if (outer == null) {
        throw new IllegalStateException("no value has dimension " + dim);
      }
      return outer.sizeOf(dim);
    }
    Map<String, Attribute> attributes =
        Map.of(
            "start", Attribute.of(occurrence.axis()), "end", Attribute.of(occurrence.axis() + 1));
    return emit("Shape", attributes, List.of(occurrence.value()), DType.INT64, Shape.of(1));
  }

  @Override
  public Value sizesOf(Shape shape) {
    if (shape.isKnown()) {
      return longs(shape.sizes());
    }
    return concat(0, shape.dims().stream().map(this::sizeOf).toList());
  }

  @Override
  public Graph subgraph(List<Type> parameters, Body body) {
    GraphBuilder inner = new GraphBuilder(shared, this);
    List<Value> arguments =
        parameters.stream().map(type -> inner.input("body", type.dtype(), type.shape())).toList();
    List<Value> results = new ArrayList<>();
    for (Value result : body.build(inner, arguments)) {
      boolean fresh = inner.produced(result) && !results.contains(result);
      results.add(fresh ? result : inner.unary("Identity", result));
    }
    return new Graph(inner.inputs, results, inner.nodes, Map.of());
  }

  /** ONNX wants each graph output to be the output of one of its own nodes, and only once. */
  private boolean produced(Value value) {
    return nodes.stream().anyMatch(node -> node.outputs().contains(value));
  }

  /** The finished graph, with {@code outputs} in order. */
  public Graph build(List<Value> outputs) {
    return new Graph(inputs, outputs, nodes, shared.constants);
  }

  private void locate(Value value) {
    for (int axis = 0; axis < value.rank(); axis++) {
      String symbol = value.dim(axis).symbol();
      if (symbol != null) {
        occurrences.putIfAbsent(symbol, new Occurrence(value, axis));
      }
    }
  }

  private String unique(String name) {
    int count = shared.names.merge(name, 1, Integer::sum);
    return count == 1 ? name : unique(name + "_" + count);
  }
}
