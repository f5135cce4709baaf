package io.alphorn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Bounds;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.runtime.LoadedModel;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.assertj.core.api.SoftAssertions;

/** One prediction on the arrays of a case: {@code in0}, {@code in1}, … and {@code out0}, …. */
final class Prediction {
  private static final ModelCompiler COMPILER = new ModelCompiler();

  private Prediction() {}

  /** The model's outputs for the inputs of {@code data}. */
  static List<Tensor> outputs(KerasArchive archive, Map<String, Tensor> data) {
    try (LoadedModel model = new LoadedModel(COMPILER.compile(archive))) {
      return model.run(inputs(model.model().inputs(), data));
    }
  }

  /** Holds outputs against those of {@code data}, each within the bounds of its number. */
  static void compare(List<Tensor> outputs, Map<String, Tensor> data, IntFunction<Bounds> bounds) {
    assertThat(outputs).hasSize((int) data.keySet().stream().filter(Prediction::isOutput).count());
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < outputs.size(); i++) {
      Tensor expected = Objects.requireNonNull(data.get("out" + i));
      softly
          .assertThat(bounds.apply(i).difference(outputs.get(i), expected))
          .as("out" + i)
          .isEmpty();
    }
    softly.assertAll();
  }

  private static boolean isOutput(String key) {
    return key.startsWith("out");
  }

  private static List<Tensor> inputs(List<TensorSpec> specs, Map<String, Tensor> data) {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      Tensor array = Objects.requireNonNull(data.get("in" + i), "in" + i);
      inputs.add(Casts.cast(array, specs.get(i).dtype()));
    }
    return inputs;
  }
}
