package io.alphorn.api.codec;

import com.google.protobuf.ByteString;
import io.alphorn.api.tfserving.proto.DataType;
import io.alphorn.api.tfserving.proto.TensorProto;
import io.alphorn.api.tfserving.proto.TensorShapeProto;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Tensors to and from TensorFlow's {@code TensorProto}. */
public final class TensorProtoCodec {
  private TensorProtoCodec() {}

  /**
   * Reads a tensor from {@code tensor_content}, or from the typed field. As in TensorFlow, a typed
   * field may leave out a last value that repeats, and an empty one means zeros.
   *
   * @param name of the input, for messages
   * @param maxElements how many elements a tensor may have
   * @throws AlphornException INVALID_ARGUMENT when shape and elements do not fit together;
   *     RESOURCE_EXHAUSTED when there are too many elements
   */
  public static Tensor decode(TensorProto proto, String name, long maxElements) {
    long[] shape = shape(proto.getTensorShape(), name, maxElements);
    DType dtype = dtype(proto.getDtype(), name);
    long size = Tensor.elements(shape);
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, strings(proto.getStringValList(), size, name));
    }
    ByteBuffer bytes = Tensor.allocate(dtype, shape);
    if (!proto.getTensorContent().isEmpty()) {
      copyContent(proto.getTensorContent(), bytes, name, dtype, shape);
    } else {
      copyField(proto, dtype, bytes, size, name);
    }
    return Tensor.of(dtype, shape, bytes.rewind());
  }

  private static long[] shape(TensorShapeProto proto, String name, long maxElements) {
    if (proto.getUnknownRank()) {
      throw AlphornException.invalidArgument("input '%s': the tensor's rank is not given", name);
    }
    long[] shape = proto.getDimList().stream().mapToLong(TensorShapeProto.Dim::getSize).toArray();
    ElementCount.of(name, shape, maxElements);
    return shape;
  }

  private static void copyContent(
      ByteString content, ByteBuffer bytes, String name, DType dtype, long[] shape) {
    if (content.size() != bytes.remaining()) {
      throw AlphornException.invalidArgument(
          "input '%s': %s%s needs %d bytes of tensor_content, received %d",
          name, dtype, Arrays.toString(shape), bytes.remaining(), content.size());
    }
    content.copyTo(bytes);
  }

  private static byte[][] strings(List<ByteString> values, long size, String name) {
    requireCount(values.size(), size, name);
    byte[][] strings = new byte[Math.toIntExact(size)][];
    for (int i = 0; i < size; i++) {
      strings[i] =
          values.isEmpty() ? new byte[0] : values.get(Math.min(i, values.size() - 1)).toByteArray();
    }
    return strings;
  }

  /** Writes one element of a typed field into the buffer. */
  @FunctionalInterface
  private interface Element {
    void put(int index);
  }

  private static void copyField(
      TensorProto proto, DType dtype, ByteBuffer bytes, long size, String name) {
    switch (dtype) {
      case FLOAT32 ->
          copy(proto.getFloatValCount(), size, name, i -> bytes.putFloat(proto.getFloatVal(i)));
      case FLOAT64 ->
          copy(proto.getDoubleValCount(), size, name, i -> bytes.putDouble(proto.getDoubleVal(i)));
      case INT32 -> copy(proto.getIntValCount(), size, name, i -> bytes.putInt(proto.getIntVal(i)));
      case INT16, UINT16 ->
          copy(proto.getIntValCount(), size, name, i -> bytes.putShort((short) proto.getIntVal(i)));
      case INT8, UINT8 ->
          copy(proto.getIntValCount(), size, name, i -> bytes.put((byte) proto.getIntVal(i)));
      case INT64 ->
          copy(proto.getInt64ValCount(), size, name, i -> bytes.putLong(proto.getInt64Val(i)));
      case UINT32 ->
          copy(proto.getUint32ValCount(), size, name, i -> bytes.putInt(proto.getUint32Val(i)));
      case UINT64 ->
          copy(proto.getUint64ValCount(), size, name, i -> bytes.putLong(proto.getUint64Val(i)));
      case BOOL ->
          copy(
              proto.getBoolValCount(),
              size,
              name,
              i -> bytes.put((byte) (proto.getBoolVal(i) ? 1 : 0)));
      case FLOAT16, BFLOAT16 ->
          copy(
              proto.getHalfValCount(),
              size,
              name,
              i -> bytes.putShort((short) proto.getHalfVal(i)));
      case COMPLEX64 ->
          copy(
              proto.getScomplexValCount() / 2,
              size,
              name,
              i ->
                  bytes
                      .putFloat(proto.getScomplexVal(2 * i))
                      .putFloat(proto.getScomplexVal(2 * i + 1)));
      case COMPLEX128 ->
          copy(
              proto.getDcomplexValCount() / 2,
              size,
              name,
              i ->
                  bytes
                      .putDouble(proto.getDcomplexVal(2 * i))
                      .putDouble(proto.getDcomplexVal(2 * i + 1)));
      case STRING -> throw new IllegalStateException("strings have no bytes");
    }
  }

  private static void copy(int count, long size, String name, Element element) {
    requireCount(count, size, name);
    if (count == 0) {
      return;
    }
    for (int i = 0; i < size; i++) {
      element.put(Math.min(i, count - 1));
    }
  }

  private static void requireCount(int count, long size, String name) {
    if (count > size) {
      throw AlphornException.invalidArgument(
          "input '%s': the shape has %d elements, but %d values were sent", name, size, count);
    }
  }

  /** Writes a tensor with its elements in the typed field, as TensorFlow Serving answers. */
  public static TensorProto encode(Tensor tensor) {
    TensorProto.Builder proto = TensorProto.newBuilder().setDtype(dataType(tensor.dtype()));
    TensorShapeProto.Builder shape = proto.getTensorShapeBuilder();
    for (long size : tensor.shape()) {
      shape.addDimBuilder().setSize(size);
    }
    ByteBuffer bytes = tensor.bytes();
    switch (tensor.dtype()) {
      case STRING -> {
        for (byte[] text : tensor.strings()) {
          proto.addStringVal(ByteString.copyFrom(text));
        }
      }
      case FLOAT32 -> each(bytes, () -> proto.addFloatVal(bytes.getFloat()));
      case FLOAT64 -> each(bytes, () -> proto.addDoubleVal(bytes.getDouble()));
      case INT32 -> each(bytes, () -> proto.addIntVal(bytes.getInt()));
      case INT16 -> each(bytes, () -> proto.addIntVal(bytes.getShort()));
      case UINT16 -> each(bytes, () -> proto.addIntVal(Short.toUnsignedInt(bytes.getShort())));
      case INT8 -> each(bytes, () -> proto.addIntVal(bytes.get()));
      case UINT8 -> each(bytes, () -> proto.addIntVal(Byte.toUnsignedInt(bytes.get())));
      case INT64 -> each(bytes, () -> proto.addInt64Val(bytes.getLong()));
      case UINT32 -> each(bytes, () -> proto.addUint32Val(bytes.getInt()));
      case UINT64 -> each(bytes, () -> proto.addUint64Val(bytes.getLong()));
      case BOOL -> each(bytes, () -> proto.addBoolVal(bytes.get() != 0));
      case FLOAT16, BFLOAT16 ->
          each(bytes, () -> proto.addHalfVal(Short.toUnsignedInt(bytes.getShort())));
      case COMPLEX64 -> each(bytes, () -> proto.addScomplexVal(bytes.getFloat()));
      case COMPLEX128 -> each(bytes, () -> proto.addDcomplexVal(bytes.getDouble()));
    }
    return proto.build();
  }

  private static void each(ByteBuffer bytes, Runnable element) {
    while (bytes.hasRemaining()) {
      element.run();
    }
  }

  /** TensorFlow's number for a type. */
  public static DataType dataType(DType dtype) {
    return switch (dtype) {
      case BOOL -> DataType.DT_BOOL;
      case INT8 -> DataType.DT_INT8;
      case INT16 -> DataType.DT_INT16;
      case INT32 -> DataType.DT_INT32;
      case INT64 -> DataType.DT_INT64;
      case UINT8 -> DataType.DT_UINT8;
      case UINT16 -> DataType.DT_UINT16;
      case UINT32 -> DataType.DT_UINT32;
      case UINT64 -> DataType.DT_UINT64;
      case FLOAT16 -> DataType.DT_HALF;
      case BFLOAT16 -> DataType.DT_BFLOAT16;
      case FLOAT32 -> DataType.DT_FLOAT;
      case FLOAT64 -> DataType.DT_DOUBLE;
      case COMPLEX64 -> DataType.DT_COMPLEX64;
      case COMPLEX128 -> DataType.DT_COMPLEX128;
      case STRING -> DataType.DT_STRING;
    };
  }

  private static DType dtype(DataType type, String name) {
    for (DType dtype : DType.values()) {
      if (dataType(dtype) == type) {
        return dtype;
      }
    }
    throw AlphornException.invalidArgument("input '%s': type %s is not supported", name, type);
  }
}
