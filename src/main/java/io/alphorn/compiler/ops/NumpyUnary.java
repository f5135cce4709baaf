package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.function.DoubleUnaryOperator;

/**
 * {@code keras.ops.numpy}: functions of the elements of one tensor. Types and formulas follow
 * {@code keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyUnary {
  /** A function of one tensor. */
  @FunctionalInterface
  interface Unary {
    Value apply(GraphBuilder g, Value x);
  }

  private static final double HALF_TURN_DEGREES = 180;
  private static final int BESSEL_TERMS = 500;

  private NumpyUnary() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        floating("Arccos", (g, x) -> narrow(g, "Acos", x, Math::acos)),
        floating("Arccosh", (g, x) -> narrow(g, "Acosh", x, NumpyUnary::acosh)),
        floating("Arcsin", (g, x) -> narrow(g, "Asin", x, Math::asin)),
        floating("Arcsinh", (g, x) -> narrow(g, "Asinh", x, NumpyUnary::asinh)),
        floating("Arctan", (g, x) -> narrow(g, "Atan", x, Math::atan)),
        floating("Arctanh", (g, x) -> narrow(g, "Atanh", x, NumpyUnary::atanh)),
        floating("Ceil", GraphBuilder::ceil),
        floating("Cos", (g, x) -> g.unary("Cos", x)),
        floating("Cosh", (g, x) -> narrow(g, "Cosh", x, Math::cosh)),
        floating("Exp", GraphBuilder::exp),
        floating("Exp2", (g, x) -> g.pow(g.scalar(x.dtype(), 2), x)),
        floating("Expm1", NumpyUnary::expm1),
        floating("Fabs", GraphBuilder::abs),
        floating("Floor", GraphBuilder::floor),
        floating("Log", GraphBuilder::log),
        floating("Log10", (g, x) -> g.div(g.log(x), Math.log(10))),
        floating("Log1p", NumpyUnary::log1p),
        floating("Log2", (g, x) -> g.div(g.log(x), Math.log(2))),
        floating("Sin", (g, x) -> g.unary("Sin", x)),
        floating("Sinc", NumpyUnary::sinc),
        floating("Sinh", (g, x) -> narrow(g, "Sinh", x, Math::sinh)),
        floating("Sqrt", GraphBuilder::sqrt),
        floating("Tan", (g, x) -> narrow(g, "Tan", x, Math::tan)),
        floating("Tanh", GraphBuilder::tanh));
    registry.addAll(
        exact("Cbrt", NumpyUnary::cbrt),
        exact("Deg2rad", (g, x) -> g.mul(x, Math.PI / HALF_TURN_DEGREES)),
        exact("I0", (g, x) -> HostElementwise.unary(g, "BesselI0", x, NumpyUnary::besselI0)),
        exact("Rad2deg", (g, x) -> g.mul(x, HALF_TURN_DEGREES / Math.PI)));
    registry.addAll(
        plain("Abs", NumpyUnary::absolute),
        plain("Absolute", NumpyUnary::absolute),
        plain("Copy", (g, x) -> x),
        plain("Isfinite", (g, x) -> g.not(g.or(isNaN(g, x), isInf(g, x)))),
        plain("Isinf", NumpyUnary::isInf),
        plain("Isnan", NumpyUnary::isNaN),
        plain("Isneginf", (g, x) -> isInfinity(g, x, Double.NEGATIVE_INFINITY)),
        plain("Isposinf", (g, x) -> isInfinity(g, x, Double.POSITIVE_INFINITY)),
        plain("LogicalNot", (g, x) -> g.not(g.cast(x, DType.BOOL))),
        plain("Negative", GraphBuilder::neg),
        plain("Reciprocal", NumpyUnary::reciprocal),
        plain("Sign", NumpyUnary::sign),
        plain("Signbit", NumpyUnary::signBit),
        plain("Square", NumpyUnary::square),
        plain("Trunc", NumpyUnary::truncate));
    registry.addAll(
        Lowering.operation("numpy", "NanToNum", call -> output(nanToNum(call))),
        Lowering.operation("numpy", "Round", call -> output(round(call))));
  }

  /** Computed in a floating type: that of the input, else float32. */
  private static Lowering floating(String className, Unary function) {
    return plain(className, (g, x) -> function.apply(g, g.cast(x, Promotion.withFloat(x.dtype()))));
  }

  /** The same, but of int64 in float64. */
  private static Lowering exact(String className, Unary function) {
    return plain(
        className,
        (g, x) -> {
          boolean wide = x.dtype() == DType.INT64;
          DType dtype = wide ? DType.FLOAT64 : Promotion.withFloat(x.dtype());
          return function.apply(g, g.cast(x, dtype));
        });
  }

  private static Lowering plain(String className, Unary function) {
    return Lowering.operation(
        "numpy",
        className,
        call -> output(function.apply(call.graph(), Operands.of(call).tensor("x"))));
  }

  /** An ONNX operator that ONNX Runtime has for float32, but not for float64. */
  static Value narrow(GraphBuilder g, String operator, Value x, DoubleUnaryOperator function) {
    return x.dtype() == DType.FLOAT64
        ? HostElementwise.unary(g, operator, x, function)
        : g.unary(operator, x);
  }

  private static double acosh(double x) {
    return Math.log(x + Math.sqrt(x - 1) * Math.sqrt(x + 1));
  }

  private static double asinh(double x) {
    double magnitude = Math.abs(x);
    double square = magnitude * magnitude;
    return Math.copySign(
        Double.isInfinite(square)
            ? Math.log(magnitude) + Math.log(2)
            : Math.log1p(magnitude + square / (1 + Math.sqrt(1 + square))),
        x);
  }

  private static double atanh(double x) {
    return 0.5 * (Math.log1p(x) - Math.log1p(-x));
  }

  /** {@code exp(x) - 1} without the cancellation near 0. */
  static Value expm1(GraphBuilder g, Value x) {
    return g.mul(g.tanh(g.div(x, 2)), g.add(g.exp(x), 1));
  }

  /** {@code log(1 + x)}; near 0 with what the rounding of {@code 1 + x} lost put back. */
  static Value log1p(GraphBuilder g, Value x) {
    Value shifted = g.add(x, 1);
    Value logarithm = g.log(shifted);
    Value lost = g.div(g.sub(x, g.sub(shifted, 1)), shifted);
    Value near = g.less(g.abs(x), g.scalar(x.dtype(), 0.5));
    return g.where(near, g.add(logarithm, lost), logarithm);
  }

  private static Value sinc(GraphBuilder g, Value x) {
    Value angle = g.mul(x, Math.PI);
    Value atZero = g.equal(x, g.scalar(x.dtype(), 0));
    return g.where(atZero, g.scalar(x.dtype(), 1), g.div(g.unary("Sin", angle), angle));
  }

  private static Value cbrt(GraphBuilder g, Value x) {
    return g.mul(sign(g, x), g.pow(g.abs(x), 1.0 / 3.0));
  }

  /** The modified Bessel function of the first kind and order 0, by its power series. */
  static double besselI0(double x) {
    double quarter = x * x / 4;
    double term = 1;
    double sum = 1;
    for (int k = 1; k <= BESSEL_TERMS && term > sum * Math.ulp(1.0); k++) {
      term *= quarter / ((double) k * k);
      sum += term;
    }
    return sum;
  }

  private static Value absolute(GraphBuilder g, Value x) {
    if (x.dtype().isComplex()) {
      return NumpyComplex.magnitude(g, x);
    }
    return x.dtype().isUnsigned() || x.dtype() == DType.BOOL ? x : g.abs(x);
  }

  static Value isNaN(GraphBuilder g, Value x) {
    return x.dtype().isFloating() ? g.isNaN(x) : g.fill(x.shape(), DType.BOOL, 0);
  }

  private static Value isInf(GraphBuilder g, Value x) {
    return x.dtype().isFloating() ? g.isInf(x) : g.fill(x.shape(), DType.BOOL, 0);
  }

  private static Value isInfinity(GraphBuilder g, Value x, double infinity) {
    return x.dtype().isFloating()
        ? g.equal(x, g.scalar(x.dtype(), infinity))
        : g.fill(x.shape(), DType.BOOL, 0);
  }

  private static Value reciprocal(GraphBuilder g, Value x) {
    return x.dtype().isInteger()
        ? IntegerArithmetic.truncatedQuotient(g, g.scalar(x.dtype(), 1), x)
        : g.reciprocal(x);
  }

  /** The sign; of NaN it is NaN. */
  static Value sign(GraphBuilder g, Value x) {
    return x.dtype().isFloating() ? g.where(g.isNaN(x), x, g.sign(x)) : g.sign(x);
  }

  /** Whether a number is negative, or the negative zero. */
  static Value signBit(GraphBuilder g, Value x) {
    if (x.dtype() == DType.BOOL || x.dtype().isUnsigned()) {
      return g.fill(x.shape(), DType.BOOL, 0);
    }
    Value zero = g.scalar(x.dtype(), 0);
    Value negative = g.less(x, zero);
    return x.dtype().isInteger() ? negative : g.or(negative, isNegativeZero(g, x));
  }

  /** Which elements are the negative zero, whose reciprocal is negative too. */
  static Value isNegativeZero(GraphBuilder g, Value x) {
    Value zero = g.scalar(x.dtype(), 0);
    return g.and(g.equal(x, zero), g.less(g.reciprocal(x), zero));
  }

  private static Value square(GraphBuilder g, Value x) {
    return g.square(x.dtype() == DType.BOOL ? g.cast(x, DType.INT32) : x);
  }

  private static Value truncate(GraphBuilder g, Value x) {
    return x.dtype().isFloating()
        ? g.where(g.less(x, g.scalar(x.dtype(), 0)), g.ceil(x), g.floor(x))
        : x;
  }

  /** https://keras.io/api/ops/numpy/#nan_to_num */
  private static Value nanToNum(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    return x.dtype().isFloating()
        ? nanToNum(
            operands.graph(),
            x,
            operands.real("nan", 0),
            operands.real("posinf", greatest(x.dtype())),
            operands.real("neginf", -greatest(x.dtype())))
        : x;
  }

  /** Numbers in place of what is not finite. */
  static Value nanToNum(
      GraphBuilder g, Value x, double nan, double positiveInfinity, double negativeInfinity) {
    Value numbers = g.where(g.isNaN(x), g.scalar(x.dtype(), nan), x);
    Value below =
        g.where(
            isInfinity(g, numbers, Double.POSITIVE_INFINITY),
            g.scalar(x.dtype(), positiveInfinity),
            numbers);
    return g.where(
        isInfinity(g, below, Double.NEGATIVE_INFINITY),
        g.scalar(x.dtype(), negativeInfinity),
        below);
  }

  /** The greatest finite number of a floating type. */
  static double greatest(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> 65504;
      case BFLOAT16 -> 0x1.FEp127;
      case FLOAT32 -> Float.MAX_VALUE;
      case FLOAT64 -> Double.MAX_VALUE;
      default -> throw new IllegalArgumentException(dtype + " is no floating type");
    };
  }

  /** https://keras.io/api/ops/numpy/#round */
  private static Value round(OperationCall call) {
    Operands operands = Operands.of(call);
    GraphBuilder g = operands.graph();
    Value x = operands.tensor("x");
    long decimals = operands.integer("decimals", 0);
    if (!x.dtype().isFloating() && decimals >= 0) {
      return x;
    }
    if (decimals == 0) {
      return g.round(x);
    }
    DType dtype = x.dtype().isFloating() ? x.dtype() : DType.FLOAT32;
    double factor = Math.pow(10, decimals);
    Value scaled = g.round(g.mul(g.cast(x, dtype), factor));
    return g.cast(g.div(scaled, factor), x.dtype());
  }
}
