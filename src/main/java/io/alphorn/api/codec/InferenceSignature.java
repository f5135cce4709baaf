package io.alphorn.api.codec;

import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import java.util.List;

/**
 * What an endpoint takes and gives, as a request of the Open Inference Protocol is held against it.
 *
 * @param model as the request named it, for messages
 */
public record InferenceSignature(String model, List<TensorSpec> inputs, List<TensorSpec> outputs) {
  /**
   * The place of an input in the signature.
   *
   * @throws AlphornException INVALID_ARGUMENT when there is none of that name
   */
  int input(String name) {
    int index = index(inputs, name);
    if (index < 0) {
      throw AlphornException.invalidArgument(
          "unexpected inference input '%s' for model '%s', which takes %s",
          name, model, names(inputs));
    }
    return index;
  }

  /**
   * The place of an output in the signature.
   *
   * @throws AlphornException INVALID_ARGUMENT when there is none of that name
   */
  public int output(String name) {
    int index = index(outputs, name);
    if (index < 0) {
      throw AlphornException.invalidArgument(
          "unexpected inference output '%s' for model '%s', which gives %s",
          name, model, names(outputs));
    }
    return index;
  }

  private static int index(List<TensorSpec> specs, String name) {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> names(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::name).toList();
  }
}
