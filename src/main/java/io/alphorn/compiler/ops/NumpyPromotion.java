package io.alphorn.compiler.ops;

import io.alphorn.tensor.DType;
import java.util.List;

/**
 * NumPy's type promotion, which a few operations of TensorFlow follow instead of Keras's: an
 * integer and a float meet in a float that holds the integers.
 */
final class NumpyPromotion {
  private static final int BITS_OF_A_BYTE = 8;

  private NumpyPromotion() {}

  /** The type in which operands of these types meet. */
  static DType resultType(List<Promotion.Type> types) {
    List<DType> strong =
        types.stream().filter(type -> !type.weak()).map(Promotion.Type::dtype).toList();
    boolean real = types.stream().anyMatch(type -> type.dtype().isFloating());
    if (strong.isEmpty()) {
      return real ? DType.FLOAT32 : DType.INT64;
    }
    DType dtype = strong.stream().reduce(NumpyPromotion::promote).orElseThrow();
    boolean whole = !dtype.isFloating() && !dtype.isComplex();
    boolean weakReal = types.stream().anyMatch(type -> type.weak() && type.dtype().isFloating());
    boolean weak = types.stream().anyMatch(Promotion.Type::weak);
    if (whole && weakReal) {
      return DType.FLOAT64;
    }
    return dtype == DType.BOOL && weak ? DType.INT64 : dtype;
  }

  private static DType promote(DType a, DType b) {
    if (a == b || b == DType.BOOL) {
      return a;
    }
    if (a == DType.BOOL) {
      return b;
    }
    if (a.isInteger() && b.isInteger()) {
      return promoteIntegers(a, b);
    }
    if (a.isFloating() && b.isFloating()) {
      return promoteReals(a, b);
    }
    return a.isFloating() ? promoteReals(a, holding(b)) : promoteReals(holding(a), b);
  }

  private static DType promoteIntegers(DType a, DType b) {
    if (a.isUnsigned() == b.isUnsigned()) {
      return a.bytes() >= b.bytes() ? a : b;
    }
    int signed = a.isUnsigned() ? b.bytes() : a.bytes();
    int unsigned = a.isUnsigned() ? a.bytes() : b.bytes();
    return switch (Math.max(signed, 2 * unsigned)) {
      case 2 -> DType.INT16;
      case 4 -> DType.INT32;
      case 8 -> DType.INT64;
      default -> DType.FLOAT64;
    };
  }

  private static DType promoteReals(DType a, DType b) {
    if (a.bytes() != b.bytes()) {
      return a.bytes() > b.bytes() ? a : b;
    }
    return a == b ? a : DType.FLOAT32;
  }

  /** The least float that holds all integers of a type. */
  private static DType holding(DType integer) {
    return switch (integer.bytes() * BITS_OF_A_BYTE) {
      case 8 -> DType.FLOAT16;
      case 16 -> DType.FLOAT32;
      default -> DType.FLOAT64;
    };
  }
}
