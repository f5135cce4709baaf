package io.alphorn.api.codec;

import io.alphorn.tensor.DType;

/** What TensorFlow's messages call the element types ({@code DataTypeString}). */
final class TensorFlowNames {
  private TensorFlowNames() {}

  static String of(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "half";
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      default -> dtype.kerasName();
    };
  }
}
