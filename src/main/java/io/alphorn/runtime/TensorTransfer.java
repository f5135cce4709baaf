package io.alphorn.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;

/** Tensors to and from ONNX Runtime. Numbers in direct buffers go in without a copy. */
final class TensorTransfer {
  private TensorTransfer() {}

  static OnnxTensor toOnnx(OrtEnvironment environment, Tensor tensor) throws OrtException {
    if (tensor.dtype() == DType.STRING) {
      return OnnxTensor.createTensor(environment, texts(tensor.strings()), tensor.shape());
    }
    return OnnxTensor.createTensor(
        environment, tensor.bytes(), tensor.shape(), javaType(SignedEdges.type(tensor.dtype())));
  }

  static Tensor fromOnnx(OnnxTensor tensor, DType dtype) throws OrtException {
    long[] shape = tensor.getInfo().getShape();
    if (dtype == DType.STRING) {
      byte[][] strings = new byte[Math.toIntExact(Tensor.elements(shape))][];
      fill(tensor.getValue(), strings, 0);
      return Tensor.ofStrings(shape, strings);
    }
    return Tensor.of(dtype, shape, tensor.getByteBuffer());
  }

  /** ONNX Runtime's Java API takes text only. Bytes that are none are refused, not replaced. */
  private static String[] texts(byte[][] strings) {
    String[] texts = new String[strings.length];
    for (int i = 0; i < strings.length; i++) {
      try {
        texts[i] = UTF_8.newDecoder().decode(ByteBuffer.wrap(strings[i])).toString();
      } catch (CharacterCodingException e) {
        throw AlphornException.invalidArgument(
            "string %d is not UTF-8: the bytes %s", i, beginning(strings[i]));
      }
    }
    return texts;
  }

  private static String beginning(byte[] bytes) {
    int shown = 16;
    return Arrays.toString(Arrays.copyOf(bytes, Math.min(bytes.length, shown)))
        + (bytes.length > shown ? " …" : "");
  }

  /** Copies nested arrays of strings, in row-major order; gives the index after the last one. */
  private static int fill(Object value, byte[][] strings, int from) {
    if (value instanceof Object[] rows) {
      int next = from;
      for (Object row : rows) {
        next = fill(row, strings, next);
      }
      return next;
    }
    strings[from] = ((String) value).getBytes(UTF_8);
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
      default ->
          throw AlphornException.unimplemented("ONNX Runtime cannot take tensors of %s", dtype);
    };
  }
}
