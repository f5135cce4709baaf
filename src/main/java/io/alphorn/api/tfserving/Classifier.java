package io.alphorn.api.tfserving;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.alphorn.api.codec.TensorProtoCodec;
import io.alphorn.api.tfserving.proto.Class;
import io.alphorn.api.tfserving.proto.ClassificationResult;
import io.alphorn.api.tfserving.proto.Classifications;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An endpoint whose outputs are classes, by the rules and messages of TensorFlow Serving's {@code
 * classifier.cc}: scores of shape {@code [batch, classes]}, labels of the same shape, or both.
 * There, the outputs must be called {@code scores} and {@code classes}; here, types tell where
 * names do not: floating numbers are scores, texts and class indices are labels. Without labels
 * they are empty, as there.
 */
final class Classifier {
  private static final int ABSENT = -1;

  private final int classes;
  private final int scores;

  /**
   * The classifier that an endpoint is.
   *
   * @throws AlphornException INVALID_ARGUMENT when its outputs are no classes
   */
  Classifier(CompiledEndpoint endpoint) {
    List<TensorSpec> outputs = endpoint.outputs();
    if (outputs.size() > 2) {
      throw AlphornException.invalidArgument(
          "Expected one or two output Tensors, found %d", outputs.size());
    }
    this.scores = find(outputs, "scores", DType::isFloating);
    this.classes = find(outputs, "classes", dtype -> dtype == DType.STRING || dtype.isInteger());
    if (scores == ABSENT && classes == ABSENT) {
      throw AlphornException.invalidArgument(
          "Expected classification signature outputs to contain at least one of \"classes\" or"
              + " \"scores\". Signature was: %s",
          outputs.stream().map(Classifier::text).collect(Collectors.joining(", ")));
    }
  }

  private static String text(TensorSpec output) {
    return "%s %s%s".formatted(output.name(), output.dtype(), output.shape());
  }

  /** The output of a name, else the only one of a type that no other output has. */
  private static int find(List<TensorSpec> outputs, String name, Predicate<DType> type) {
    int found = ABSENT;
    int count = 0;
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).name().equals(name)) {
        return i;
      }
      if (type.test(outputs.get(i).dtype())) {
        found = i;
        count++;
      }
    }
    return count == 1 ? found : ABSENT;
  }

  /** The classes of each example. */
  ClassificationResult result(List<Tensor> outputs, int examples) {
    Tensor labels = classes == ABSENT ? null : require(outputs.get(classes), "classes", examples);
    Tensor values = scores == ABSENT ? null : require(outputs.get(scores), "scores", examples);
    if (values != null && values.dtype() != DType.FLOAT32) {
      throw AlphornException.invalidArgument(
          "Expected scores Tensor of DT_FLOAT. Got: %s", TensorProtoCodec.dataType(values.dtype()));
    }
    if (labels != null && values != null && labels.shape()[1] != values.shape()[1]) {
      throw AlphornException.invalidArgument(
          "Tensors class and score should match in dim_size(1). Got %d vs. %d",
          labels.shape()[1], values.shape()[1]);
    }
    List<ByteString> texts = labels == null ? List.of() : texts(labels);
    int width = (int) outputs.get(classes == ABSENT ? scores : classes).shape()[1];
    ClassificationResult.Builder result = ClassificationResult.newBuilder();
    for (int example = 0; example < examples; example++) {
      Classifications.Builder found = result.addClassificationsBuilder();
      for (int i = example * width; i < (example + 1) * width; i++) {
        Class.Builder one = found.addClassesBuilder();
        if (labels != null) {
          one.setLabelBytes(texts.get(i));
        }
        if (values != null) {
          one.setScore(values.bytes().getFloat(i * Float.BYTES));
        }
      }
    }
    return result.build();
  }

  private static Tensor require(Tensor output, String name, int examples) {
    if (output.rank() != 2) {
      throw AlphornException.invalidArgument(
          "Expected Tensor shape: [batch_size num_classes] but got %s", Shapes.text(output));
    }
    if (output.shape()[0] != examples) {
      throw AlphornException.invalidArgument(
          "Expected %s output batch size of %d. Got: %d", name, examples, output.shape()[0]);
    }
    return output;
  }

  private static List<ByteString> texts(Tensor labels) {
    if (labels.dtype() == DType.STRING) {
      return Arrays.stream(labels.strings()).map(ByteString::copyFrom).toList();
    }
    return IntStream.range(0, (int) labels.size())
        .mapToLong(i -> Casts.integerAt(labels.bytes(), labels.dtype(), i))
        .mapToObj(index -> ByteString.copyFrom(Long.toString(index), UTF_8))
        .toList();
  }
}
