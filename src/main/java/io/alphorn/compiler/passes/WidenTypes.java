package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.ElementTypes;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs an operator in a wider type where ONNX Runtime's CPU has no kernel for its own: inputs are
 * cast up, outputs cast back down. Results are what the narrow type would give, for integers wrap
 * round and halves are rounded after each operator, as TensorFlow does it.
 */
final class WidenTypes implements Pass {
  private static final Map<DType, List<DType>> WIDER =
      Map.ofEntries(
          Map.entry(DType.BOOL, List.of(DType.UINT8, DType.INT32, DType.INT64, DType.FLOAT32)),
          Map.entry(DType.INT8, List.of(DType.INT16, DType.INT32, DType.INT64, DType.FLOAT32)),
          Map.entry(DType.INT16, List.of(DType.INT32, DType.INT64, DType.FLOAT32)),
          Map.entry(DType.INT32, List.of(DType.INT64, DType.FLOAT64, DType.FLOAT32)),
          Map.entry(DType.INT64, List.of(DType.INT32, DType.FLOAT64, DType.FLOAT32)),
          Map.entry(DType.UINT8, List.of(DType.UINT16, DType.INT32, DType.INT64, DType.FLOAT32)),
          Map.entry(DType.UINT16, List.of(DType.UINT32, DType.INT32, DType.INT64, DType.FLOAT32)),
          Map.entry(DType.UINT32, List.of(DType.UINT64, DType.INT64, DType.FLOAT64)),
          Map.entry(DType.UINT64, List.of(DType.INT64, DType.FLOAT64)),
          Map.entry(DType.FLOAT16, List.of(DType.FLOAT32, DType.FLOAT64)),
          Map.entry(DType.BFLOAT16, List.of(DType.FLOAT32, DType.FLOAT64)),
          Map.entry(DType.FLOAT32, List.of(DType.FLOAT64)));

  @Override
  public Graph apply(Graph graph) {
    return graph.withNodes(new Rewrite("").nodes(graph.nodes()));
  }

  /** One graph's rewriting; a value cast up once serves all who need it, in its own scope. */
  private static final class Rewrite {
    /** Put after names: ONNX wants those of a subgraph to differ from those outside. */
    private final String scope;

    private final Map<String, Value> casts = new HashMap<>();
    private final List<Node> rewritten = new ArrayList<>();

    Rewrite(String scope) {
      this.scope = scope;
    }

    List<Node> nodes(List<Node> nodes) {
      nodes.forEach(node -> rewrite(withSubgraphs(node)));
      return rewritten;
    }

    private static Node withSubgraphs(Node node) {
      Map<String, Attribute> attributes = new HashMap<>(node.attributes());
      attributes.replaceAll(
          (name, attribute) ->
              attribute instanceof Attribute.Subgraph(Graph graph)
                  ? Attribute.of(graph.withNodes(inside(node, name).nodes(graph.nodes())))
                  : attribute);
      return node.withAttributes(attributes);
    }

    private static Rewrite inside(Node node, String attribute) {
      return new Rewrite("/" + node.outputs().getFirst().name() + "/" + attribute);
    }

    private void rewrite(Node node) {
      if (node.isHost() || !node.domain().equals(Node.ONNX)) {
        rewritten.add(node);
        return;
      }
      KernelTypes.Kernel kernel =
          KernelTypes.of(node.operator())
              .orElseThrow(() -> new IllegalStateException("no CPU kernel for " + node.operator()));
      Map<String, DType> wider = wider(node, kernel);
      if (wider.isEmpty()) {
        rewritten.add(node);
      } else {
        widen(node, kernel, wider);
      }
    }

    /** The types to use instead, by type variable. */
    private static Map<String, DType> wider(Node node, KernelTypes.Kernel kernel) {
      Map<String, DType> wider = new HashMap<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.inputs().get(i);
        String variable = kernel.input(i);
        if (input.isPresent() && !kernel.takes(variable, input.dtype())) {
          wider.put(variable, widerThan(input.dtype(), variable, kernel, node));
        }
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        DType dtype = node.outputs().get(i).dtype();
        String variable = kernel.output(i);
        if (!wider.containsKey(variable) && !kernel.takes(variable, dtype)) {
          wider.put(variable, widerThan(dtype, variable, kernel, node));
        }
      }
      return wider;
    }

    private static DType widerThan(
        DType dtype, String variable, KernelTypes.Kernel kernel, Node node) {
      return WIDER.getOrDefault(dtype, List.of()).stream()
          .filter(candidate -> kernel.takes(variable, candidate))
          .findFirst()
          .orElseThrow(
              () ->
                  AlphornException.unimplemented(
                      "layer '%s': ONNX Runtime has no kernel for %s of %s",
                      node.origin(), node.operator(), dtype));
    }

    private void widen(Node node, KernelTypes.Kernel kernel, Map<String, DType> wider) {
      List<Value> inputs = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.inputs().get(i);
        DType to = wider.get(kernel.input(i));
        inputs.add(to == null || !input.isPresent() ? input : castUp(input, to, node.origin()));
      }
      List<Value> outputs = new ArrayList<>();
      List<Node> castsDown = new ArrayList<>();
      for (int i = 0; i < node.outputs().size(); i++) {
        Value output = node.outputs().get(i);
        DType from = wider.get(kernel.output(i));
        if (from == null) {
          outputs.add(output);
        } else {
          Value wide = new Value(output.name() + "/" + from, from, output.shape());
          outputs.add(wide);
          castsDown.add(cast(wide, output, node.origin()));
        }
      }
      rewritten.add(node.withInputs(inputs).withOutputs(outputs));
      rewritten.addAll(castsDown);
    }

    private Value castUp(Value value, DType to, String origin) {
      String name = value.name() + "/to_" + to;
      return casts.computeIfAbsent(
          name,
          key -> {
            Value wide = new Value(name + scope, to, value.shape());
            rewritten.add(cast(value, wide, origin));
            return wide;
          });
    }

    private static Node cast(Value from, Value to, String origin) {
      Map<String, Attribute> attributes = Map.of("to", Attribute.of(ElementTypes.onnx(to.dtype())));
      return new Node("Cast", Node.ONNX, List.of(from), List.of(to), attributes, origin, null);
    }
  }
}
