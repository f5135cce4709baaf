package io.alphorn.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Tensors to and from ONNX Runtime. Numbers in direct buffers go in without a copy. */
final class TensorTransfer {
  private TensorTransfer() {}

  static OnnxTensor toOnnx(OrtEnvironment environment, Tensor tensor) throws OrtException {
    if (tensor.dtype() == DType.STRING) {
      String[] strings =
          Arrays.stream(tensor.strings())
              .map(bytes -> new String(bytes, UTF_8))
              .toArray(String[]::new);
      return OnnxTensor.createTensor(environment, strings, tensor.shape());
    }
    return OnnxTensor.createTensor(
        environment, tensor.bytes(), tensor.shape(), javaType(tensor.dtype()));
  }

  static Tensor fromOnnx(OnnxTensor tensor, DType dtype) throws OrtException {
    long[] shape = tensor.getInfo().getShape();
    if (dtype == DType.STRING) {
      String[] strings = (String[]) flat(tensor.getValue(), (int) Tensor.elements(shape));
      return Tensor.ofStrings(
          shape, Arrays.stream(strings).map(s -> s.getBytes(UTF_8)).toArray(byte[][]::new));
    }
    ByteBuffer bytes = tensor.getByteBuffer();
    return Tensor.of(dtype, shape, bytes);
  }

  private static Object[] flat(Object value, int size) {
    String[] strings = new String[size];
    fill(value, strings, 0);
    return strings;
  }

  private static int fill(Object value, String[] strings, int from) {
    if (value instanceof Object[] rows) {
      int next = from;
      for (Object row : rows) {
        next = fill(row, strings, next);
      }
      return next;
    }
    strings[from] = (String) value;
    return from + 1;
  }

  private static OnnxJavaType javaType(DType dtype) {
    return switch (dtype) {
      case BOOL -> OnnxJavaType.BOOL;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case UINT8 -> OnnxJavaType.UINT8;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      default -> throw new IllegalArgumentException("ONNX Runtime's Java API has no " + dtype);
    };
  }
}
