package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;

/** ONNX operators that work element by element, with NumPy's broadcasting. */
public interface ElementwiseOperators extends Emitter {
  /** An operator of one input whose output has the input's type and shape. */
  default Value unary(String operator, Map<String, Attribute> attributes, Value x) {
    return emit(operator, attributes, List.of(x), x.dtype(), x.shape());
  }

  default Value unary(String operator, Value x) {
    return unary(operator, Map.of(), x);
  }

  /** An operator of two inputs of one type, whose output has that type. */
  default Value binary(String operator, Value a, Value b) {
    return emit(operator, Map.of(), List.of(a, b), a.dtype(), broadcast(a.shape(), b.shape()));
  }

  /** An operator of two inputs of one type, whose output is boolean. */
  default Value comparison(String operator, Value a, Value b) {
    return emit(operator, Map.of(), List.of(a, b), DType.BOOL, broadcast(a.shape(), b.shape()));
  }

  default Value add(Value a, Value b) {
    return binary("Add", a, b);
  }

  default Value add(Value a, double b) {
    return add(a, scalar(a.dtype(), b));
  }

  default Value sub(Value a, Value b) {
    return binary("Sub", a, b);
  }

  default Value sub(Value a, double b) {
    return sub(a, scalar(a.dtype(), b));
  }

  default Value sub(double a, Value b) {
    return sub(scalar(b.dtype(), a), b);
  }

  default Value mul(Value a, Value b) {
    return binary("Mul", a, b);
  }

  default Value mul(Value a, double b) {
    return mul(a, scalar(a.dtype(), b));
  }

  /** Division; of integers it truncates towards zero. */
  default Value div(Value a, Value b) {
    return binary("Div", a, b);
  }

  default Value div(Value a, double b) {
    return div(a, scalar(a.dtype(), b));
  }

  default Value div(double a, Value b) {
    return div(scalar(b.dtype(), a), b);
  }

  default Value pow(Value a, Value b) {
    return emit("Pow", Map.of(), List.of(a, b), a.dtype(), broadcast(a.shape(), b.shape()));
  }

  default Value pow(Value a, double b) {
    return pow(a, scalar(a.dtype(), b));
  }

  /** The remainder with the sign of the divisor, for integers. */
  default Value mod(Value a, Value b) {
    return binary("Mod", a, b);
  }

  /** C's fmod: the remainder with the sign of the dividend. */
  default Value fmod(Value a, Value b) {
    return emit(
        "Mod",
        Map.of("fmod", Attribute.of(1)),
        List.of(a, b),
        a.dtype(),
        broadcast(a.shape(), b.shape()));
  }

  default Value min(Value a, Value b) {
    return binary("Min", a, b);
  }

  default Value max(Value a, Value b) {
    return binary("Max", a, b);
  }

  default Value min(Value a, double b) {
    return min(a, scalar(a.dtype(), b));
  }

  default Value max(Value a, double b) {
    return max(a, scalar(a.dtype(), b));
  }

  /** {@code x} held between two bounds. */
  default Value clip(Value x, double lowest, double highest) {
    return emit(
        "Clip",
        Map.of(),
        List.of(x, scalar(x.dtype(), lowest), scalar(x.dtype(), highest)),
        x.dtype(),
        x.shape());
  }

  default Value neg(Value x) {
    return unary("Neg", x);
  }

  default Value abs(Value x) {
    return unary("Abs", x);
  }

  default Value exp(Value x) {
    return unary("Exp", x);
  }

  default Value log(Value x) {
    return unary("Log", x);
  }

  default Value sqrt(Value x) {
    return unary("Sqrt", x);
  }

  default Value reciprocal(Value x) {
    return unary("Reciprocal", x);
  }

  default Value floor(Value x) {
    return unary("Floor", x);
  }

  default Value ceil(Value x) {
    return unary("Ceil", x);
  }

  /** Rounds to the nearest whole number, halves to even. */
  default Value round(Value x) {
    return unary("Round", x);
  }

  default Value sign(Value x) {
    return unary("Sign", x);
  }

  default Value erf(Value x) {
    return unary("Erf", x);
  }

  default Value tanh(Value x) {
    return unary("Tanh", x);
  }

  /**
   * 1 / (1 + exp(-x)). Of doubles it is spelled out: ONNX Runtime fuses {@code x * Sigmoid(x)} into
   * an operator of its own that has no kernel for them.
   */
  default Value sigmoid(Value x) {
    return x.dtype() == DType.FLOAT64 ? reciprocal(add(exp(neg(x)), 1)) : unary("Sigmoid", x);
  }

  default Value relu(Value x) {
    return unary("Relu", x);
  }

  default Value square(Value x) {
    return mul(x, x);
  }

  default Value equal(Value a, Value b) {
    return comparison("Equal", a, b);
  }

  default Value notEqual(Value a, Value b) {
    return not(equal(a, b));
  }

  default Value less(Value a, Value b) {
    return comparison("Less", a, b);
  }

  default Value lessOrEqual(Value a, Value b) {
    return comparison("LessOrEqual", a, b);
  }

  default Value greater(Value a, Value b) {
    return comparison("Greater", a, b);
  }

  default Value greaterOrEqual(Value a, Value b) {
    return comparison("GreaterOrEqual", a, b);
  }

  default Value and(Value a, Value b) {
    return comparison("And", a, b);
  }

  default Value or(Value a, Value b) {
    return comparison("Or", a, b);
  }

  default Value xor(Value a, Value b) {
    return comparison("Xor", a, b);
  }

  default Value not(Value x) {
    return unary("Not", x);
  }

  default Value isNaN(Value x) {
    return emit("IsNaN", Map.of(), List.of(x), DType.BOOL, x.shape());
  }

  default Value isInf(Value x) {
    return emit("IsInf", Map.of(), List.of(x), DType.BOOL, x.shape());
  }

  /** Elements of {@code a} where {@code condition} holds, else of {@code b}. */
  default Value where(Value condition, Value a, Value b) {
    return emit(
        "Where",
        Map.of(),
        List.of(condition, a, b),
        a.dtype(),
        broadcast(condition.shape(), broadcast(a.shape(), b.shape())));
  }

  /** Converts element by element; a value that has the type already is returned as it is. */
  default Value cast(Value x, DType dtype) {
    if (x.dtype() == dtype) {
      return x;
    }
    return emit(
        "Cast", Map.of("to", Attribute.of(ElementTypes.onnx(dtype))), List.of(x), dtype, x.shape());
  }

  /**
   * Rounds to what float8 (e4m3fn) can hold and back. No tensor of float8 leaves this pair of
   * casts, so there is no type for it; the value between them is labelled as what has its width.
   */
  default Value roundToFloat8(Value x) {
    Map<String, Attribute> toFloat8 = Map.of("to", Attribute.of(ElementTypes.FLOAT8_E4M3FN));
    Value narrow = emit("Cast", toFloat8, List.of(x), DType.UINT8, x.shape());
    return cast(narrow, x.dtype());
  }
}
