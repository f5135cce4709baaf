package io.alphorn.compiler.passes;

import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.Erf;

/**
 * Gives float64 models what ONNX Runtime's CPU has in float32 only: activations become operators
 * that have float64 kernels, the rest runs in Java. Computing them in float32 would lose the
 * precision that the user asked for.
 */
final class Float64Kernels extends NodeRewriter {
  private static final Map<String, DoubleUnaryOperator> FUNCTIONS =
      Map.of(
          "Acos", Math::acos,
          "Asin", Math::asin,
          "Atan", Math::atan,
          "Acosh", x -> Math.log(x + Math.sqrt(x * x - 1)),
          "Asinh", Float64Kernels::asinh,
          "Atanh", x -> 0.5 * (Math.log1p(x) - Math.log1p(-x)),
          "Cosh", Math::cosh,
          "Sinh", Math::sinh,
          "Erf", Erf::value);

  // TensorFlow has these, and LeakyRelu's slope, as float32 whatever the type of the tensor.
  private static final double GELU_COEFFICIENT = 0.044715f;
  private static final double ROOT_HALF = (float) Math.sqrt(0.5);

  @Override
  protected Optional<List<Value>> rewrite(Node node, GraphBuilder g) {
    boolean concerned =
        node.domain().equals(Node.ONNX)
            && !node.inputs().isEmpty()
            && node.inputs().getFirst().dtype() == DType.FLOAT64;
    return concerned ? rewriteFloat64(node, g).map(List::of) : Optional.empty();
  }

  private static Optional<Value> rewriteFloat64(Node node, GraphBuilder g) {
    Value x = node.inputs().getFirst();
    DoubleUnaryOperator function = FUNCTIONS.get(node.operator());
    if (function != null && !g.isSubgraph()) {
      return Optional.of(inJava(node.operator(), function, x, g));
    }
    return Optional.ofNullable(
        switch (node.operator()) {
          case "Tan" -> g.div(g.unary("Sin", x), g.unary("Cos", x));
          case "Softplus" -> softplus(g, x);
          case "Softsign" -> g.div(x, g.add(g.abs(x), 1));
          case "LeakyRelu" ->
              g.where(negative(g, x), g.mul(x, (float) real(node, "alpha", 0.01)), x);
          case "PRelu" -> g.where(negative(g, x), g.mul(x, node.inputs().get(1)), x);
          case "Elu" -> exponential(g, x, real(node, "alpha", 1));
          case "Celu" -> celu(g, x, real(node, "alpha", 1));
          case "Selu" ->
              g.mul(exponential(g, x, real(node, "alpha", 1.67326)), real(node, "gamma", 1.0507));
          case "HardSigmoid" ->
              g.clip(g.add(g.mul(x, real(node, "alpha", 0.2)), real(node, "beta", 0.5)), 0, 1);
          case "Gelu" -> isTanh(node) || !g.isSubgraph() ? gelu(g, x, isTanh(node)) : null;
          case "Conv" -> Float64Windows.convolve(node, g);
          case "ConvTranspose" -> Float64Windows.convolveTransposed(node, g);
          case "AveragePool" -> Float64Windows.average(node, g);
          default -> null;
        });
  }

  private static Value inJava(String name, DoubleUnaryOperator function, Value x, GraphBuilder g) {
    return g.host(
        name,
        List.of(x),
        DType.FLOAT64,
        x.shape(),
        inputs -> {
          Tensor input = inputs.getFirst();
          ByteBuffer source = input.bytes();
          ByteBuffer result = Tensor.allocate(DType.FLOAT64, input.shape());
          while (source.hasRemaining()) {
            result.putDouble(function.applyAsDouble(source.getDouble()));
          }
          return List.of(Tensor.of(DType.FLOAT64, input.shape(), result.flip()));
        });
  }

  private static double asinh(double x) {
    double magnitude = Math.abs(x);
    return Math.copySign(Math.log(magnitude + Math.sqrt(magnitude * magnitude + 1)), x);
  }

  private static Value negative(GraphBuilder g, Value x) {
    return g.less(x, g.scalar(DType.FLOAT64, 0));
  }

  private static Value softplus(GraphBuilder g, Value x) {
    return g.add(g.max(x, 0), g.log(g.add(g.exp(g.neg(g.abs(x))), 1)));
  }

  private static Value exponential(GraphBuilder g, Value x, double alpha) {
    Value below = g.mul(g.sub(g.exp(g.min(x, 0)), 1), alpha);
    return g.where(negative(g, x), below, x);
  }

  private static Value celu(GraphBuilder g, Value x, double alpha) {
    Value below = g.mul(g.sub(g.exp(g.div(g.min(x, 0), alpha)), 1), alpha);
    return g.where(negative(g, x), below, x);
  }

  private static boolean isTanh(Node node) {
    return node.attributes().get("approximate") instanceof Attribute.Text(String kind)
        && kind.equals("tanh");
  }

  private static Value gelu(GraphBuilder g, Value x, boolean tanh) {
    Value inner;
    if (tanh) {
      Value cubed = g.mul(g.mul(g.square(x), x), GELU_COEFFICIENT);
      inner = g.tanh(g.mul(g.add(x, cubed), Math.sqrt(2 / Math.PI)));
    } else {
      inner = inJava("Erf", Erf::value, g.mul(x, ROOT_HALF), g);
    }
    return g.mul(g.mul(x, g.add(inner, 1)), 0.5);
  }

  private static double real(Node node, String name, double otherwise) {
    return node.attributes().get(name) instanceof Attribute.Real(double value) ? value : otherwise;
  }
}
