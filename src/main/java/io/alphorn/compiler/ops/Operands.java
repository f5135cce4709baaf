package io.alphorn.compiler.ops;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The arguments of an operation by name, wherever they were given: Keras takes an operation's
 * parameters positionally or by keyword in its call, and others in its constructor, which stand in
 * the config.
 */
public final class Operands {
  private final OperationCall call;

  private Operands(OperationCall call) {
    this.call = call;
  }

  public static Operands of(OperationCall call) {
    return new Operands(call);
  }

  public GraphBuilder graph() {
    return call.graph();
  }

  /** The argument, unless it was left out or given as None. */
  public Optional<Operand> find(String name) {
    Nested<KerasTensor> argument =
        call.arguments()
            .find(name)
            .orElseGet(() -> call.config().value(name).map(reference -> misplaced(name)));
    return argument.isNone()
        ? Optional.empty()
        : Optional.of(new Operand(call.graph(), name, argument));
  }

  private static KerasTensor misplaced(String name) {
    throw AlphornException.invalidArgument("argument '%s' of the config refers to a tensor", name);
  }

  public Operand get(String name) {
    return find(name)
        .orElseThrow(() -> AlphornException.invalidArgument("argument '%s' is missing", name));
  }

  public boolean has(String name) {
    return find(name).isPresent();
  }

  /** Whether the constructor was given None, for arguments that have another default. */
  public boolean isExplicitlyNone(String name) {
    return call.config().json().has(name) && !has(name);
  }

  /** The argument as {@code convert_to_tensor} makes a tensor of it. */
  public Value tensor(String name) {
    return get(name).tensor();
  }

  public long integer(String name) {
    return get(name).integer();
  }

  public long integer(String name, long otherwise) {
    return find(name).map(Operand::integer).orElse(otherwise);
  }

  public double real(String name, double otherwise) {
    return find(name).map(Operand::real).orElse(otherwise);
  }

  public boolean bool(String name, boolean otherwise) {
    return find(name).map(Operand::bool).orElse(otherwise);
  }

  public String string(String name, String otherwise) {
    return find(name).map(Operand::string).orElse(otherwise);
  }

  public List<Long> integers(String name) {
    return get(name).integers();
  }

  /** The type that an argument names. */
  public Optional<DType> dtype(String name) {
    return find(name).map(operand -> DType.of(operand.string()));
  }

  /** An axis of a tensor of {@code rank} axes, counted from the start. */
  public int axis(String name, long otherwise, int rank) {
    return position(integer(name, otherwise), rank);
  }

  /** One axis or several, counted from the start, in the order given; none given means all. */
  public int[] axes(String name, int rank) {
    Optional<Operand> axes = find(name);
    if (axes.isEmpty()) {
      return java.util.stream.IntStream.range(0, rank).toArray();
    }
    return axes.get().integers().stream().mapToInt(axis -> position(axis, rank)).toArray();
  }

  /** The axis counted from the start, for one that may count from the end. */
  public static int position(long axis, int rank) {
    long positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) {
      throw AlphornException.invalidArgument("axis %d of a tensor of %d axes", axis, rank);
    }
    return (int) positive;
  }

  /** The type in which Keras computes on these arguments, numbers of Python being weak. */
  public DType resultType(String... names) {
    return Promotion.resultType(Arrays.stream(names).map(name -> get(name).type()).toList());
  }

  /** The same, for operations that make tensors of numbers first, so that none is weak. */
  public DType strongType(String... names) {
    return Promotion.resultType(
        Arrays.stream(names).map(name -> Promotion.Type.of(get(name).dtype())).toList());
  }

  /** These arguments as tensors, and then in their {@link #strongType}. */
  public List<Value> strong(String... names) {
    return converted(strongType(names), names);
  }

  /** These arguments as tensors, and then in one type. */
  public List<Value> converted(DType dtype, String... names) {
    return Arrays.stream(names).map(name -> get(name).converted(dtype)).toList();
  }

  /** These arguments as tensors of one type. */
  public List<Value> as(DType dtype, String... names) {
    List<Value> values = new ArrayList<>();
    for (String name : names) {
      values.add(get(name).as(dtype));
    }
    return values;
  }
}
