package io.alphorn.api.codec;

import com.google.protobuf.ByteString;
import io.alphorn.api.openinference.proto.InferParameter;
import io.alphorn.api.openinference.proto.InferTensorContents;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the Open Inference Protocol's gRPC messages hold: tensors in typed fields, parameters. */
public final class InferTensorCodec {
  private final String input;
  private final DType dtype;
  private final long[] shape;
  private final long size;

  private InferTensorCodec(String input, DType dtype, long[] shape, long size) {
    this.input = input;
    this.dtype = dtype;
    this.shape = shape;
    this.size = size;
  }

  /**
   * Reads a tensor from the typed field of its datatype.
   *
   * @param input its name, for messages
   * @param memory where the elements go
   * @throws AlphornException INVALID_ARGUMENT when shape and elements do not fit together, or the
   *     datatype has no typed field
   */
  public static Tensor decode(
      String input,
      DType dtype,
      long[] shape,
      InferTensorContents contents,
      JsonLimits limits,
      BufferSource memory) {
    long size = ElementCount.of(input, shape, limits.maxElements());
    return new InferTensorCodec(input, dtype, shape, size).decode(contents, memory);
  }

  private Tensor decode(InferTensorContents contents, BufferSource memory) {
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, strings(contents.getBytesContentsList()));
    }
    requireCount(count(contents));
    ByteBuffer bytes = memory.allocate(size * dtype.bytes());
    for (int i = 0; i < size; i++) {
      put(contents, i, bytes);
    }
    return Tensor.of(dtype, shape, bytes.flip());
  }

  private byte[][] strings(List<ByteString> contents) {
    requireCount(contents.size());
    return contents.stream().map(ByteString::toByteArray).toArray(byte[][]::new);
  }

  private int count(InferTensorContents contents) {
    return switch (dtype) {
      case BOOL -> contents.getBoolContentsCount();
      case INT8, INT16, INT32 -> contents.getIntContentsCount();
      case INT64 -> contents.getInt64ContentsCount();
      case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
      case UINT64 -> contents.getUint64ContentsCount();
      case FLOAT32 -> contents.getFp32ContentsCount();
      case FLOAT64 -> contents.getFp64ContentsCount();
      default ->
          throw AlphornException.invalidArgument(
              "input '%s': %s has no typed contents; send it in raw_input_contents",
              input, InferenceDatatypes.name(dtype));
    };
  }

  private void put(InferTensorContents contents, int i, ByteBuffer bytes) {
    switch (dtype) {
      case BOOL -> bytes.put((byte) (contents.getBoolContents(i) ? 1 : 0));
      case INT8 -> bytes.put((byte) contents.getIntContents(i));
      case INT16 -> bytes.putShort((short) contents.getIntContents(i));
      case INT32 -> bytes.putInt(contents.getIntContents(i));
      case INT64 -> bytes.putLong(contents.getInt64Contents(i));
      case UINT8 -> bytes.put((byte) contents.getUintContents(i));
      case UINT16 -> bytes.putShort((short) contents.getUintContents(i));
      case UINT32 -> bytes.putInt(contents.getUintContents(i));
      case UINT64 -> bytes.putLong(contents.getUint64Contents(i));
      case FLOAT32 -> bytes.putFloat(contents.getFp32Contents(i));
      case FLOAT64 -> bytes.putDouble(contents.getFp64Contents(i));
      default -> throw new IllegalStateException(dtype + " has no typed contents");
    }
  }

  private void requireCount(int count) {
    if (count != size) {
      throw AlphornException.invalidArgument(
          "input '%s': shape %s needs %d elements, received %d in the contents of its type %s",
          input, Arrays.toString(shape), size, count, InferenceDatatypes.name(dtype));
    }
  }

  /** Parameters as they come over gRPC. */
  public static InferenceParameters parameters(Map<String, InferParameter> parameters) {
    if (parameters.isEmpty()) {
      return InferenceParameters.NONE;
    }
    Map<String, Object> values = new HashMap<>();
    parameters.forEach((name, parameter) -> values.put(name, value(name, parameter)));
    return new InferenceParameters(values);
  }

  private static Object value(String name, InferParameter parameter) {
    return switch (parameter.getParameterChoiceCase()) {
      case BOOL_PARAM -> parameter.getBoolParam();
      case INT64_PARAM -> parameter.getInt64Param();
      case UINT64_PARAM -> parameter.getUint64Param();
      case DOUBLE_PARAM -> parameter.getDoubleParam();
      case STRING_PARAM -> parameter.getStringParam();
      case PARAMETERCHOICE_NOT_SET ->
          throw AlphornException.invalidArgument("parameter '%s' has no value", name);
    };
  }
}
