package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sums of products in {@code keras.ops.numpy}. */
public final class NumpyProducts {
  private NumpyProducts() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("numpy", "Matmul", NumpyProducts::matMul).parameters("x1", "x2"),
        Lowering.operation("numpy", "Einsum", NumpyProducts::einsum).parameters("*operands"));
  }

  /** int8 matrices are summed in int32, as in TensorFlow. */
  private static Nested<KerasTensor> matMul(OperationCall call) {
    Operands o = Operands.of(call);
    GraphBuilder g = call.graph();
    boolean int8 = o.get("x1").dtype() == DType.INT8 && o.get("x2").dtype() == DType.INT8;
    DType dtype = int8 ? DType.INT32 : o.resultType("x1", "x2");
    DType inner = dtype == DType.BOOL ? DType.INT32 : dtype;
    List<Value> values = o.as(inner, "x1", "x2");
    return output(g.cast(g.matMul(values.get(0), values.get(1)), dtype));
  }

  private static Nested<KerasTensor> einsum(OperationCall call) {
    Operands o = Operands.of(call);
    GraphBuilder g = call.graph();
    List<Operand> items = o.get("operands").items();
    DType dtype = Promotion.resultType(items.stream().map(Operand::type).toList());
    boolean int8 = items.stream().allMatch(item -> item.dtype() == DType.INT8);
    DType result = int8 ? DType.INT32 : dtype;
    List<Value> values = items.stream().map(item -> item.as(result)).toList();
    String equation = explicit(o.get("subscripts").string().replace(" ", ""), values);
    return output(g.einsum(equation, values));
  }

  /** Labels in place of an ellipsis, and the output that NumPy implies where none is given. */
  private static String explicit(String subscripts, List<Value> values) {
    String[] sides = subscripts.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (terms.length != values.size()) {
      throw AlphornException.invalidArgument(
          "equation '%s' does not fit %d operands", subscripts, values.size());
    }
    int widest = 0;
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].contains("...")) {
        widest = Math.max(widest, values.get(i).rank() - (terms[i].length() - 3));
      }
    }
    String spare = spareLabels(subscripts, widest);
    for (int i = 0; i < terms.length; i++) {
      int elided = values.get(i).rank() - (terms[i].length() - 3);
      terms[i] =
          terms[i].contains("...")
              ? terms[i].replace("...", spare.substring(widest - elided))
              : terms[i];
    }
    String inputs = String.join(",", terms);
    String outputLabels =
        sides.length == 2 ? sides[1].replace("...", spare) : implied(inputs, spare);
    return inputs + "->" + outputLabels;
  }

  private static String spareLabels(String used, int count) {
    return IntStream.rangeClosed('A', 'Z')
        .filter(label -> used.indexOf(label) < 0)
        .limit(count)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static String implied(String inputs, String spare) {
    return spare
        + inputs
            .chars()
            .filter(label -> Character.isLetter(label) && spare.indexOf(label) < 0)
            .filter(label -> inputs.indexOf(label) == inputs.lastIndexOf(label))
            .sorted()
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
  }
}
