package io.alphorn.compiler;

import io.alphorn.compiler.graph.Value;
import io.alphorn.endpoint.OutputSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.List;

/**
 * What an endpoint calls, after the call: its inputs, its outputs, and the calls inside it.
 *
 * @param path of the layer; "" for the model
 * @param calls those of the lowering that made the outputs
 */
record EndpointTarget(String path, List<Input> inputs, Nested<KerasTensor> outputs, CallLog calls) {
  /** An input as clients see it, and the value that stands for it. */
  record Input(TensorSpec spec, Value value) {}

  boolean isModel() {
    return path.isEmpty();
  }

  /** The tensors that an output of the document is made of. */
  List<KerasTensor> output(OutputSpec spec) {
    Nested<KerasTensor> given =
        spec.layer().isEmpty() ? outputs : called(spec, spec.layer().get()).outputs();
    List<KerasTensor> leaves = given.leaves();
    if (spec.index().isEmpty()) {
      return leaves;
    }
    int index = spec.index().get();
    if (index >= leaves.size()) {
      throw AlphornException.invalidArgument(
          "%s.index: there are %d tensors, so no number %d", spec.place(), leaves.size(), index);
    }
    return List.of(leaves.get(index));
  }

  private CallLog.Entry called(OutputSpec spec, String layer) {
    List<CallLog.Entry> entries = calls.find(isModel() ? layer : path + "/" + layer);
    if (entries.isEmpty()) {
      throw AlphornException.invalidArgument(
          "%s.layer: no layer '%s' is called; known are %s", spec.place(), layer, calls.paths());
    }
    if (spec.call().isEmpty() && entries.size() > 1) {
      throw AlphornException.invalidArgument(
          "%s.layer: '%s' is called %d times; expected 'call', from 0",
          spec.place(), layer, entries.size());
    }
    int call = spec.call().orElse(0);
    if (call >= entries.size()) {
      throw AlphornException.invalidArgument(
          "%s.call: '%s' is called %d times, so there is no call %d",
          spec.place(), layer, entries.size(), call);
    }
    return entries.get(call);
  }
}
