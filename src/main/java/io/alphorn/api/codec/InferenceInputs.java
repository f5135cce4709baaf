package io.alphorn.api.codec;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the inputs of a request, which come in any order, into that of the signature. */
public final class InferenceInputs {
  private final InferenceSignature signature;
  private final @Nullable Tensor[] tensors;

  public InferenceInputs(InferenceSignature signature) {
    this.signature = signature;
    this.tensors = new @Nullable Tensor[signature.inputs().size()];
  }

  /**
   * Takes an input.
   *
   * @throws AlphornException INVALID_ARGUMENT when the signature has no such input, or it came
   *     before
   */
  public void put(String name, Tensor tensor) {
    int index = signature.input(name);
    if (tensors[index] != null) {
      throw AlphornException.invalidArgument("input '%s' is given twice", name);
    }
    tensors[index] = tensor;
  }

  /**
   * All inputs.
   *
   * @throws AlphornException INVALID_ARGUMENT when some have not come
   */
  public List<Tensor> inOrder() {
    List<Tensor> inputs = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor == null) {
        missing.add(signature.inputs().get(i).name());
      } else {
        inputs.add(tensor);
      }
    }
    if (!missing.isEmpty()) {
      throw AlphornException.invalidArgument(
          "expected %d inputs but got %d inputs for model '%s'; missing: %s",
          tensors.length, inputs.size(), signature.model(), missing);
    }
    return inputs;
  }
}
