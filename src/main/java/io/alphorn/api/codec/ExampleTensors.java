package io.alphorn.api.codec;

import com.google.protobuf.ByteString;
import io.alphorn.api.tfserving.proto.Example;
import io.alphorn.api.tfserving.proto.Feature;
import io.alphorn.api.tfserving.proto.Feature.KindCase;
import io.alphorn.api.tfserving.proto.Input;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * From examples to an endpoint's inputs, each of which takes the feature of its name, as {@code
 * tf.io.parse_example} does with a {@code FixedLenFeature} of the input's shape; the messages are
 * its too. Integer and boolean inputs take int64 features, floating ones float features, strings
 * bytes. Features that are no inputs are passed over.
 */
public final class ExampleTensors {
  private final List<Example> examples;
  private final Map<String, Feature> context;
  private final long maxElements;

  private ExampleTensors(List<Example> examples, Map<String, Feature> context, long maxElements) {
    this.examples = examples;
    this.context = context;
    this.maxElements = maxElements;
  }

  /**
   * Reads the inputs of {@code specs}, with the examples along the first dimension. A feature of
   * the context is every example's that has none of its name. Of one size that is left open the
   * number of values tells.
   *
   * @param maxElements how many elements a tensor may have
   * @throws AlphornException INVALID_ARGUMENT when a feature is missing or does not fit its input;
   *     RESOURCE_EXHAUSTED when there are too many elements
   */
  public static List<Tensor> read(Input input, List<TensorSpec> specs, long maxElements) {
    ExampleTensors tensors =
        switch (input.getKindCase()) {
          case EXAMPLE_LIST ->
              new ExampleTensors(input.getExampleList().getExamplesList(), Map.of(), maxElements);
          case EXAMPLE_LIST_WITH_CONTEXT ->
              new ExampleTensors(
                  input.getExampleListWithContext().getExamplesList(),
                  input.getExampleListWithContext().getContext().getFeatures().getFeatureMap(),
                  maxElements);
          case KIND_NOT_SET -> new ExampleTensors(List.of(), Map.of(), maxElements);
        };
    if (tensors.examples.isEmpty()) {
      throw AlphornException.invalidArgument("Input is empty.");
    }
    return specs.stream().map(tensors::tensor).toList();
  }

  /** How many examples there are. */
  public static int count(Input input) {
    return input.hasExampleListWithContext()
        ? input.getExampleListWithContext().getExamplesCount()
        : input.getExampleList().getExamplesCount();
  }

  private Tensor tensor(TensorSpec spec) {
    long[] shape = shape(spec);
    long elements = ElementCount.of(spec.name(), shape, maxElements);
    int row = (int) (elements / examples.size());
    if (spec.dtype() == DType.STRING) {
      return Tensor.ofStrings(shape, strings(spec, shape, row));
    }
    ByteBuffer bytes = Tensor.allocate(spec.dtype(), shape);
    for (int i = 0; i < examples.size(); i++) {
      Feature feature = feature(spec, i);
      requireCount(spec, i, feature, shape, row);
      if (spec.dtype().isFloating()) {
        putFloats(feature, spec.dtype(), bytes);
      } else {
        putIntegers(feature, spec, i, bytes);
      }
    }
    return Tensor.of(spec.dtype(), shape, bytes.flip());
  }

  /** The input's shape, with the open size that the first example has. */
  private long[] shape(TensorSpec spec) {
    long[] shape = spec.shape().sizes().clone();
    if (shape.length == 0) {
      throw AlphornException.invalidArgument(
          "input '%s' is a scalar, which examples cannot be gathered in", spec.name());
    }
    shape[0] = examples.size();
    long open = Arrays.stream(shape).filter(size -> size < 0).count();
    if (open > 1) {
      throw AlphornException.invalidArgument(
          "input '%s' has the shape %s: a list of values tells one open size, not %d",
          spec.name(), spec.shape(), open);
    }
    if (open == 1) {
      long known =
          Arrays.stream(shape).skip(1).filter(size -> size > 0).reduce(1, Math::multiplyExact);
      long values = values(feature(spec, 0));
      for (int axis = 1; axis < shape.length; axis++) {
        shape[axis] = shape[axis] < 0 ? values / known : shape[axis];
      }
    }
    return shape;
  }

  private byte[][] strings(TensorSpec spec, long[] shape, int row) {
    byte[][] strings = new byte[row * examples.size()][];
    int next = 0;
    for (int i = 0; i < examples.size(); i++) {
      Feature feature = feature(spec, i);
      requireCount(spec, i, feature, shape, row);
      for (ByteString value : feature.getBytesList().getValueList()) {
        strings[next++] = value.toByteArray();
      }
    }
    return strings;
  }

  private Feature feature(TensorSpec spec, int index) {
    Map<String, Feature> own = examples.get(index).getFeatures().getFeatureMap();
    Feature feature =
        own.containsKey(spec.name()) ? own.get(spec.name()) : context.get(spec.name());
    if (feature == null || feature.getKindCase() == KindCase.KIND_NOT_SET) {
      throw AlphornException.invalidArgument(
          "Name: <unknown>, Feature: %s (data type: %s) is required but could not be found.",
          spec.name(), type(kind(spec.dtype())));
    }
    if (feature.getKindCase() != kind(spec.dtype())) {
      throw failed(
          spec,
          index,
          "Data types don't match. Data type: %s but expected type: %s"
              .formatted(type(feature.getKindCase()), type(kind(spec.dtype()))));
    }
    return feature;
  }

  private static void requireCount(
      TensorSpec spec, int index, Feature feature, long[] shape, int row) {
    if (values(feature) != row) {
      String wanted =
          Arrays.stream(shape).skip(1).mapToObj(Long::toString).collect(Collectors.joining(","));
      throw failed(
          spec,
          index,
          "Number of %s values != expected.  Values size: %d but output shape: [%s]"
              .formatted(type(feature.getKindCase()), values(feature), wanted));
    }
  }

  private static AlphornException failed(TensorSpec spec, int index, String reason) {
    return AlphornException.invalidArgument(
        "Name: <unknown>, Key: %s, Index: %d.  %s", spec.name(), index, reason);
  }

  private static int values(Feature feature) {
    return switch (feature.getKindCase()) {
      case BYTES_LIST -> feature.getBytesList().getValueCount();
      case FLOAT_LIST -> feature.getFloatList().getValueCount();
      case INT64_LIST -> feature.getInt64List().getValueCount();
      case KIND_NOT_SET -> 0;
    };
  }

  private static KindCase kind(DType dtype) {
    if (dtype.isComplex()) {
      throw AlphornException.unimplemented("examples have no features for inputs of %s", dtype);
    }
    if (dtype == DType.STRING) {
      return KindCase.BYTES_LIST;
    }
    return dtype.isFloating() ? KindCase.FLOAT_LIST : KindCase.INT64_LIST;
  }

  private static String type(KindCase kind) {
    return switch (kind) {
      case BYTES_LIST -> "string";
      case FLOAT_LIST -> "float";
      default -> "int64";
    };
  }

  private static void putFloats(Feature feature, DType dtype, ByteBuffer bytes) {
    for (float value : feature.getFloatList().getValueList()) {
      switch (dtype) {
        case FLOAT64 -> bytes.putDouble(value);
        case FLOAT16 -> bytes.putShort(Float.floatToFloat16(value));
        case BFLOAT16 -> bytes.putShort(Scalars.toBfloat16(value));
        default -> bytes.putFloat(value);
      }
    }
  }

  private static void putIntegers(Feature feature, TensorSpec spec, int index, ByteBuffer bytes) {
    DType dtype = spec.dtype();
    for (long value : feature.getInt64List().getValueList()) {
      if (!fits(value, dtype)) {
        throw failed(spec, index, "%d does not fit into %s".formatted(value, dtype));
      }
      switch (dtype.bytes()) {
        case Byte.BYTES -> bytes.put((byte) value);
        case Short.BYTES -> bytes.putShort((short) value);
        case Integer.BYTES -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }
  }

  private static boolean fits(long value, DType dtype) {
    if (dtype == DType.BOOL) {
      return value == 0 || value == 1;
    }
    int bits = Byte.SIZE * dtype.bytes();
    if (dtype.isUnsigned()) {
      return value >= 0 && (bits == Long.SIZE || value >>> bits == 0);
    }
    return bits == Long.SIZE || value >> (bits - 1) == 0 || value >> (bits - 1) == -1;
  }
}
