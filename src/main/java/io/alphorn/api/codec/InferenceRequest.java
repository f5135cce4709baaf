package io.alphorn.api.codec;

import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A request of the Open Inference Protocol.
 *
 * @param id for the answer to repeat; "" when there is none
 * @param inputs in the order of the signature
 * @param outputs in the order of the answer
 */
public record InferenceRequest(String id, List<Tensor> inputs, List<RequestedOutput> outputs) {
  /** All outputs, which is what a request gets that names none. */
  public static List<RequestedOutput> allOutputs(InferenceSignature signature, boolean binary) {
    return IntStream.range(0, signature.outputs().size())
        .mapToObj(index -> new RequestedOutput(index, binary, 0))
        .toList();
  }
}
