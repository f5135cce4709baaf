package io.alphorn.tensor;

import io.alphorn.error.AlphornException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The element types of tensors, under the names that Keras gives them. */
public enum DType {
  BOOL(1),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  FLOAT16(2),
  BFLOAT16(2),
  FLOAT32(4),
  FLOAT64(8),
  COMPLEX64(8),
  COMPLEX128(16),
  STRING(0);

  private static final Map<String, DType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(DType::kerasName, Function.identity()));

  private final int bytes;
  private final String kerasName;

  DType(int bytes) {
    this.bytes = bytes;
    this.kerasName = name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of one element; 0 for strings, whose elements differ in length. */
  public int bytes() {
    return bytes;
  }

  /** The name in Keras, as {@code float32}. */
  public String kerasName() {
    return kerasName;
  }

  public boolean isFloating() {
    return this == FLOAT16 || this == BFLOAT16 || this == FLOAT32 || this == FLOAT64;
  }

  public boolean isUnsigned() {
    return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
  }

  /** A signed or unsigned integer; a boolean is none. */
  public boolean isInteger() {
    return isUnsigned() || this == INT8 || this == INT16 || this == INT32 || this == INT64;
  }

  public boolean isComplex() {
    return this == COMPLEX64 || this == COMPLEX128;
  }

  /**
   * The type that Keras calls {@code name}.
   *
   * @throws AlphornException INVALID_ARGUMENT when Keras has no such type
   */
  public static DType of(String name) {
    DType dtype = BY_NAME.get(name);
    if (dtype == null) {
      throw AlphornException.invalidArgument("unknown dtype '%s'", name);
    }
    return dtype;
  }

  @Override
  public String toString() {
    return kerasName;
  }
}
