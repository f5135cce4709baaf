package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.function.BiFunction;

/**
 * {@code keras.ops.numpy}: arithmetic of two tensors, element by element. Types and formulas follow
 * {@code keras/src/backend/tensorflow/numpy.py}.
 */
public final class NumpyArithmetic {
  /** Keras takes it as a float32, whatever the type. */
  private static final float LOG_OF_2 = (float) Math.log(2);

  /** A function of two tensors of one type. */
  @FunctionalInterface
  interface Binary {
    Value apply(GraphBuilder g, Value a, Value b);
  }

  private NumpyArithmetic() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        weak("Add", Addition::add),
        weak("FloorDivide", NumpyArithmetic::floorDivide),
        weak("Fmax", (g, a, b) -> ignoringNaN(g, a, b, maximum(g, a, b))),
        weak("Fmin", (g, a, b) -> ignoringNaN(g, a, b, minimum(g, a, b))),
        weak("Maximum", NumpyArithmetic::maximum),
        weak("Minimum", NumpyArithmetic::minimum),
        weak("Multiply", GraphBuilder::mul),
        weak("Power", NumpyArithmetic::power),
        weak("Subtract", GraphBuilder::sub),
        weakFloating("Divide", GraphBuilder::div),
        weakFloating("DivideNoNan", NumpyArithmetic::divideNoNaN),
        weakFloating("TrueDivide", GraphBuilder::div));
    registry.addAll(
        floating("Arctan2", NumpyArithmetic::arctan2),
        floating("Ldexp", NumpyArithmetic::ldexp),
        floating("Logaddexp", (g, a, b) -> logAddExp(g, a, b, 1)),
        floating("Logaddexp2", (g, a, b) -> logAddExp(g, a, b, LOG_OF_2)),
        floating("Nextafter", NumpyArithmetic::nextAfter));
    registry.addAll(
        strong("Fmod", NumpyArithmetic::fmod),
        strong(
            "Gcd",
            (g, a, b) ->
                HostElementwise.integers(
                    g, "GreatestCommonDivisor", a, b, IntegerArithmetic::greatestCommonDivisor)),
        strong("Heaviside", NumpyArithmetic::heaviside),
        strong("Hypot", NumpyArithmetic::hypot),
        strong(
            "Lcm",
            (g, a, b) ->
                HostElementwise.integers(
                    g, "LeastCommonMultiple", a, b, IntegerArithmetic::leastCommonMultiple)),
        strong("Mod", NumpyArithmetic::mod));
  }

  /** Numbers of Python adapt to the type of the tensor. */
  private static Lowering weak(String className, Binary function) {
    return binary(
        className, function, operands -> operands.as(operands.resultType("x1", "x2"), "x1", "x2"));
  }

  private static Lowering weakFloating(String className, Binary function) {
    return binary(
        className,
        function,
        operands -> operands.as(Promotion.withFloat(operands.resultType("x1", "x2")), "x1", "x2"));
  }

  /** Numbers of Python become int32 and float32 tensors first. */
  private static Lowering strong(String className, Binary function) {
    return binary(className, function, operands -> operands.strong("x1", "x2"));
  }

  private static Lowering floating(String className, Binary function) {
    return binary(
        className,
        function,
        operands ->
            operands.converted(Promotion.withFloat(operands.strongType("x1", "x2")), "x1", "x2"));
  }

  private static Lowering binary(
      String className,
      Binary function,
      java.util.function.Function<Operands, List<Value>> arguments) {
    return Lowering.operation(
            "numpy",
            className,
            call -> {
              List<Value> values = arguments.apply(Operands.of(call));
              return output(function.apply(call.graph(), values.get(0), values.get(1)));
            })
        .parameters("x1", "x2");
  }

  static Value maximum(GraphBuilder g, Value a, Value b) {
    return g.max(a, b);
  }

  static Value minimum(GraphBuilder g, Value a, Value b) {
    return g.min(a, b);
  }

  /** Of two numbers the one that is not NaN, where one is. */
  private static Value ignoringNaN(GraphBuilder g, Value a, Value b, Value otherwise) {
    return a.dtype().isFloating()
        ? g.where(g.isNaN(a), b, g.where(g.isNaN(b), a, otherwise))
        : otherwise;
  }

  private static Value floorDivide(GraphBuilder g, Value a, Value b) {
    return a.dtype().isInteger()
        ? IntegerArithmetic.flooredQuotient(g, a, b)
        : g.floor(g.div(a, b));
  }

  /** TensorFlow has no powers of unsigned integers: Keras computes them in int32. */
  private static Value power(GraphBuilder g, Value a, Value b) {
    if (a.dtype().isUnsigned()) {
      Value power = IntegerArithmetic.power(g, g.cast(a, DType.INT32), g.cast(b, DType.INT32));
      return g.cast(power, a.dtype());
    }
    return a.dtype().isInteger() ? IntegerArithmetic.power(g, a, b) : g.pow(a, b);
  }

  private static Value divideNoNaN(GraphBuilder g, Value a, Value b) {
    Value zero = g.scalar(a.dtype(), 0);
    return g.where(g.equal(b, zero), zero, g.div(a, b));
  }

  /** The angle of the point (b, a), from -π to π, by the arc tangent of a number up to 1. */
  static Value arctan2(GraphBuilder g, Value a, Value b) {
    if (a.dtype() == DType.FLOAT64) {
      return HostElementwise.reals(g, "Atan2", a, b, Math::atan2);
    }
    Value height = g.abs(a);
    Value width = g.abs(b);
    Value zero = g.scalar(a.dtype(), 0);
    Value diagonal = g.where(g.equal(width, zero), zero, g.scalar(a.dtype(), 1));
    Value ratio = g.div(g.min(height, width), g.max(height, width));
    Value angle = g.unary("Atan", g.where(g.equal(height, width), diagonal, ratio));
    Value steep = g.where(g.greater(height, width), g.sub(Math.PI / 2, angle), angle);
    Value left = g.where(NumpyUnary.signBit(g, b), g.sub(Math.PI, steep), steep);
    return g.where(NumpyUnary.signBit(g, a), g.neg(left), left);
  }

  private static Value ldexp(GraphBuilder g, Value a, Value b) {
    Value scaled = g.mul(a, g.pow(g.scalar(a.dtype(), 2), b));
    Value kept = g.or(g.isInf(a), g.equal(a, g.scalar(a.dtype(), 0)));
    return g.where(kept, a, scaled);
  }

  /** The logarithm of the sum of powers; {@code base} is the natural logarithm of their base. */
  private static Value logAddExp(GraphBuilder g, Value a, Value b, double base) {
    Value delta = g.sub(a, b);
    Value power = g.exp(g.neg(g.mul(g.abs(delta), base)));
    Value sum = g.add(g.max(a, b), g.div(NumpyUnary.log1p(g, power), base));
    return g.where(g.isNaN(delta), g.add(a, b), sum);
  }

  /**
   * Keras takes the step in float64 and rounds the result, so that in a narrower type nothing is
   * left of it.
   */
  private static Value nextAfter(GraphBuilder g, Value a, Value b) {
    return a.dtype() == DType.FLOAT64
        ? HostElementwise.reals(g, "NextAfter", a, b, Math::nextAfter)
        : g.where(g.isNaN(b), b, a);
  }

  private static Value fmod(GraphBuilder g, Value a, Value b) {
    if (a.dtype() == DType.BOOL) {
      return fmod(g, g.cast(a, DType.INT32), g.cast(b, DType.INT32));
    }
    return a.dtype().isInteger() ? IntegerArithmetic.truncatedRemainder(g, a, b) : g.fmod(a, b);
  }

  /** The remainder with the sign of the divisor. */
  private static Value mod(GraphBuilder g, Value a, Value b) {
    if (a.dtype() == DType.BOOL) {
      return mod(g, g.cast(a, DType.INT32), g.cast(b, DType.INT32));
    }
    if (a.dtype().isInteger()) {
      return IntegerArithmetic.flooredRemainder(g, a, b);
    }
    Value zero = g.scalar(a.dtype(), 0);
    Value rest = g.fmod(a, b);
    Value differs = g.xor(g.less(rest, zero), g.less(b, zero));
    return g.where(g.and(g.notEqual(rest, zero), differs), g.add(rest, b), rest);
  }

  private static Value heaviside(GraphBuilder g, Value a, Value b) {
    return exact(
        g,
        a,
        b,
        (x, atZero) -> {
          Value zero = g.scalar(x.dtype(), 0);
          Value positive = g.where(g.greater(x, zero), g.scalar(x.dtype(), 1), atZero);
          return g.where(g.less(x, zero), zero, positive);
        });
  }

  private static Value hypot(GraphBuilder g, Value a, Value b) {
    return exact(
        g,
        a,
        b,
        (x, y) -> {
          Value longer = g.max(g.abs(x), g.abs(y));
          Value ratio = divideNoNaN(g, g.min(g.abs(x), g.abs(y)), longer);
          return g.mul(longer, g.sqrt(g.add(g.square(ratio), 1)));
        });
  }

  /** In a floating type: of int64 float64, of other integers float32. */
  private static Value exact(
      GraphBuilder g, Value a, Value b, BiFunction<Value, Value, Value> function) {
    boolean wide = a.dtype() == DType.INT64;
    DType dtype = wide ? DType.FLOAT64 : Promotion.withFloat(a.dtype());
    return function.apply(g.cast(a, dtype), g.cast(b, dtype));
  }
}
