package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;

/** The numbers of ONNX's {@code TensorProto.DataType}. */
public final class ElementTypes {
  static final int FLOAT8_E4M3FN = 17;

  private ElementTypes() {}

  public static int onnx(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case UINT16 -> 4;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case STRING -> 8;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case FLOAT64 -> 11;
      case UINT32 -> 12;
      case UINT64 -> 13;
      case COMPLEX64 -> 14;
      case COMPLEX128 -> 15;
      case BFLOAT16 -> 16;
    };
  }
}
