package io.alphorn.endpoint;

import java.util.List;
import java.util.Optional;

/**
 * An endpoint as a user asks for it, as {@code ExportArchive.add_endpoint} takes it.
 *
 * @param target a layer's or a nested model's path, as {@code encoder/dense}; the whole model when
 *     empty
 * @param inputs the signature; empty: the target's own
 * @param outputs what it answers; empty: what the target gives
 * @param training whether layers do what they do in training
 * @param place where it stands in the document, for messages
 */
public record EndpointSpec(
    String name,
    Optional<String> target,
    List<InputSpec> inputs,
    List<OutputSpec> outputs,
    TrainingMode training,
    String place) {
  public EndpointSpec {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The endpoint that Keras's own export makes: the whole model under the name {@code serve}. */
  public static final EndpointSpec SERVE =
      new EndpointSpec(
          "serve", Optional.empty(), List.of(), List.of(), TrainingMode.INFERENCE, "$");
}
