package io.alphorn.compiler.tensorflow;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Operand;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One call of a function of TensorFlow, with its arguments under TensorFlow's names. */
final class TensorFlowCall {
  /** Arguments that change no number. */
  private static final Set<String> WITHOUT_EFFECT = Set.of("name", "validate_indices");

  private final OperationCall call;
  private final Map<String, Nested<KerasTensor>> arguments;

  private TensorFlowCall(OperationCall call, Map<String, Nested<KerasTensor>> arguments) {
    this.call = call;
    this.arguments = arguments;
  }

  /**
   * Binds the arguments of a call as Keras 2 records it: the first by position, all others by name.
   *
   * @throws AlphornException UNIMPLEMENTED for a parameter that the lowering doesn't know
   */
  static TensorFlowCall bind(OperationCall call, List<String> parameters) {
    Map<String, Nested<KerasTensor>> arguments = new LinkedHashMap<>();
    arguments.put(parameters.getFirst(), call.arguments().get(TensorFlowLayers.FIRST));
    TensorFlowLayers.keywords(call)
        .forEach(
            (name, value) -> {
              boolean saysNothing =
                  value.isNone()
                      || WITHOUT_EFFECT.contains(name)
                      || value.equals(new Nested.Bool<KerasTensor>(false));
              if (!parameters.contains(name) && !saysNothing) {
                throw call.unsupported("argument '" + name + "'");
              }
              arguments.put(name, value);
            });
    arguments.values().removeIf(Nested::isNone);
    return new TensorFlowCall(call, arguments);
  }

  GraphBuilder graph() {
    return call.graph();
  }

  AlphornException unsupported(String what) {
    return call.unsupported(what);
  }

  boolean has(String name) {
    return arguments.containsKey(name);
  }

  Operand operand(String name) {
    Nested<KerasTensor> argument = arguments.get(name);
    if (argument == null) {
      throw AlphornException.invalidArgument("argument '%s' is missing", name);
    }
    return new Operand(graph(), name, argument);
  }

  Value tensor(String name) {
    return operand(name).tensor();
  }

  long integer(String name, long otherwise) {
    return has(name) ? operand(name).integer() : otherwise;
  }

  double real(String name, double otherwise) {
    return has(name) ? operand(name).real() : otherwise;
  }

  boolean bool(String name) {
    return has(name) && operand(name).bool();
  }

  String text(String name, String otherwise) {
    return has(name) ? operand(name).string() : otherwise;
  }

  /** The arguments under the names that Keras has for them. */
  Map<String, Nested<KerasTensor>> renamed(Map<String, String> names) {
    Map<String, Nested<KerasTensor>> renamed = new LinkedHashMap<>();
    names.forEach(
        (name, inKeras) -> {
          if (has(name)) {
            renamed.put(inKeras, operand(name).argument());
          }
        });
    return renamed;
  }

  /** Calls an operation of Keras. */
  Nested<KerasTensor> operation(String className, Map<String, Nested<KerasTensor>> named) {
    return call.operation(className, named);
  }

  /** Calls an operation of Keras on one tensor. */
  Value unary(String className, Value x) {
    return only(operation(className, Map.of("x", leaf(x))));
  }

  /** Calls an operation of Keras on two tensors. */
  Value binary(String className, Value x1, Value x2) {
    return only(operation(className, Map.of("x1", leaf(x1), "x2", leaf(x2))));
  }

  /**
   * These arguments as tensors of one type: TensorFlow gives numbers and lists of Python the type
   * of the tensor beside them.
   */
  List<Value> alike(String... names) {
    DType dtype =
        List.of(names).stream()
            .map(this::operand)
            .filter(operand -> operand.argument() instanceof Nested.Leaf<KerasTensor>)
            .findFirst()
            .orElse(operand(names[0]))
            .dtype();
    return List.of(names).stream().map(name -> operand(name).as(dtype)).toList();
  }

  /** The dimensions whose sizes a tensor holds, where it came from tf.shape. */
  Optional<List<Dim>> sizes(Nested<KerasTensor> argument) {
    return argument instanceof Nested.Leaf<KerasTensor>(KerasTensor tensor)
        ? call.heldSizes(tensor.value())
        : Optional.empty();
  }

  /** Notes that {@code value} holds the sizes of these dimensions. */
  void holdsSizes(Value value, List<Dim> dims) {
    call.holdsSizes(value, dims);
  }

  static Nested<KerasTensor> leaf(Value value) {
    return Nested.leaf(KerasTensor.of(value));
  }

  static Value only(Nested<KerasTensor> outputs) {
    return outputs.leaves().getFirst().value();
  }
}
