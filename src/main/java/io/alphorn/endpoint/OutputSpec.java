package io.alphorn.endpoint;

import java.util.List;
import java.util.Optional;

/**
 * One output of an endpoint.
 *
 * @param names what clients call its tensors; empty: {@code output_0}, {@code output_1}, …
 * @param layer whose output it is, as a path from the target; empty: the target itself
 * @param call which call of a layer that is called several times
 * @param index which of several tensors that the layer gives
 * @param steps operations of {@code keras.ops}, one after the other
 * @param labels for tensors of class indices, which become strings; empty: none
 * @param place where it stands in the document, for messages
 */
public record OutputSpec(
    List<String> names,
    Optional<String> layer,
    Optional<Integer> call,
    Optional<Integer> index,
    List<StepSpec> steps,
    List<String> labels,
    String place) {
  public OutputSpec {
    names = List.copyOf(names);
    steps = List.copyOf(steps);
    labels = List.copyOf(labels);
  }
}
