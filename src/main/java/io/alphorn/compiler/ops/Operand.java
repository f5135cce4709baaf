package io.alphorn.compiler.ops;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One argument of an operation: a tensor, an array, a number of Python, or a list of these.
 *
 * @param name of the parameter, for messages
 */
public record Operand(GraphBuilder graph, String name, Nested<KerasTensor> argument) {
  /** The type by which it takes part in promotion: weak for a number of Python. */
  public Promotion.Type type() {
    return switch (argument) {
      case Nested.Int<KerasTensor> integer -> Promotion.Type.WEAK_INT;
      case Nested.Real<KerasTensor> real -> Promotion.Type.WEAK_FLOAT;
      default -> Promotion.Type.of(dtype());
    };
  }

  /** The type of {@link #tensor()}. */
  public DType dtype() {
    return switch (argument) {
      case Nested.Leaf<KerasTensor>(KerasTensor tensor) -> tensor.dtype();
      case Nested.Items<KerasTensor> items when !argument.leaves().isEmpty() ->
          argument.leaves().getFirst().dtype();
      default -> literal().dtype();
    };
  }

  /**
   * The argument as {@code convert_to_tensor} makes a tensor of it: of a number of Python an int32
   * or float32, of a list with tensors in it their stack.
   */
  public Value tensor() {
    return switch (argument) {
      case Nested.Leaf<KerasTensor>(KerasTensor tensor) -> tensor.value();
      case Nested.Items<KerasTensor> items when !argument.leaves().isEmpty() ->
          graph.stack(0, items().stream().map(item -> item.as(dtype())).toList());
      default -> graph.constant(literal());
    };
  }

  /** The argument as a tensor of a type; a number of Python goes there without a detour. */
  public Value as(DType dtype) {
    return switch (argument) {
      case Nested.Int<KerasTensor>(long value) -> graph.constant(Scalars.of(dtype, value));
      case Nested.Real<KerasTensor>(double value) -> graph.constant(Scalars.of(dtype, value));
      case Nested.Array<KerasTensor>(Tensor tensor) when tensor.dtype() != DType.STRING ->
          graph.constant(Casts.cast(tensor, dtype));
      default -> graph.cast(tensor(), dtype);
    };
  }

  /**
   * The argument as a tensor of a type, by way of {@link #tensor}: a number of Python has been
   * rounded to float32 by then, whatever the type.
   */
  public Value converted(DType dtype) {
    boolean literal = argument.leaves().isEmpty() && dtype() != DType.STRING;
    return literal ? graph.constant(Casts.cast(literal(), dtype)) : graph.cast(tensor(), dtype);
  }

  /** The elements of a list; a tensor or a number is a list of one. */
  public List<Operand> items() {
    if (argument instanceof Nested.Items<KerasTensor>(List<Nested<KerasTensor>> items)) {
      return items.stream().map(item -> new Operand(graph, name, item)).toList();
    }
    return List.of(this);
  }

  public boolean isList() {
    return argument instanceof Nested.Items<KerasTensor>;
  }

  /** The number of axes of {@link #tensor()}. */
  public int rank() {
    return argument instanceof Nested.Leaf<KerasTensor>(KerasTensor tensor)
        ? tensor.rank()
        : tensor().rank();
  }

  /** A whole number that must be known when the model is compiled. */
  public long integer() {
    return switch (argument) {
      case Nested.Int<KerasTensor>(long value) -> value;
      case Nested.Bool<KerasTensor>(boolean value) -> value ? 1 : 0;
      case Nested.Real<KerasTensor>(double value) when value == Math.rint(value) -> (long) value;
      default -> {
        Tensor tensor = known();
        if (tensor.size() != 1 || !(tensor.dtype().isInteger() || tensor.dtype() == DType.BOOL)) {
          throw mismatch("an integer");
        }
        yield Casts.integerAt(tensor.bytes(), tensor.dtype(), 0);
      }
    };
  }

  /** A number that must be known when the model is compiled. */
  public double real() {
    return switch (argument) {
      case Nested.Int<KerasTensor>(long value) -> value;
      case Nested.Bool<KerasTensor>(boolean value) -> value ? 1 : 0;
      case Nested.Real<KerasTensor>(double value) -> value;
      default -> {
        Tensor tensor = known();
        if (tensor.size() != 1 || tensor.dtype() == DType.STRING) {
          throw mismatch("a number");
        }
        yield Casts.realAt(tensor.bytes(), tensor.dtype(), 0);
      }
    };
  }

  public boolean bool() {
    return real() != 0;
  }

  /** The text, unless the argument is something else. */
  public Optional<String> text() {
    return argument instanceof Nested.Text<KerasTensor>(String text)
        ? Optional.of(text)
        : Optional.empty();
  }

  public String string() {
    return text().orElseThrow(() -> mismatch("a string"));
  }

  /** Whole numbers that must be known when the model is compiled; one reads as a list of one. */
  public List<Long> integers() {
    if (argument instanceof Nested.Items<KerasTensor>) {
      return items().stream().map(Operand::integer).toList();
    }
    if (argument instanceof Nested.Array<KerasTensor>(Tensor tensor)) {
      List<Long> integers = new ArrayList<>();
      for (int i = 0; i < tensor.size(); i++) {
        integers.add(Casts.integerAt(tensor.bytes(), tensor.dtype(), i));
      }
      return integers;
    }
    return List.of(integer());
  }

  /** Whether the elements are known when the model is compiled. */
  public boolean isKnown() {
    return argument.leaves().stream()
        .allMatch(tensor -> graph.constantOf(tensor.value()).isPresent());
  }

  /** The elements of a tensor that must be known when the model is compiled. */
  public Tensor known() {
    if (argument instanceof Nested.Leaf<KerasTensor>(KerasTensor tensor)) {
      return graph.constantOf(tensor.value()).map(Constant::read).orElseThrow(this::unknown);
    }
    return literal();
  }

  private AlphornException unknown() {
    return AlphornException.unimplemented(
        "argument '%s' must be known when the model is compiled; a tensor is not supported there",
        name);
  }

  private Tensor literal() {
    return Literals.tensor(argument).orElseThrow(() -> mismatch("a tensor or numbers"));
  }

  private AlphornException mismatch(String expected) {
    return AlphornException.invalidArgument(
        "argument '%s' must be %s, found %s", name, expected, argument);
  }
}
