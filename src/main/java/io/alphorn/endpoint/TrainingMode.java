package io.alphorn.endpoint;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What an endpoint calls its target with as Keras's {@code training} argument. Whatever it is, an
 * endpoint answers and does not train: no variable changes.
 */
public enum TrainingMode {
  /** {@code training=False}, as {@code model.predict}: for every layer, whatever the model says. */
  INFERENCE,
  /** {@code training=True}: for every layer, whatever the model says. */
  TRAINING,
  /**
   * No argument, as Keras's own export calls a model: each layer does what its call in the model
   * says, as {@code Dropout(0.5)(x, training=True)}.
   */
  RECORDED;

  private static final String RECORDED_NAME = "recorded";

  /** Reads {@code true}, {@code false} or {@code "recorded"}. */
  static TrainingMode of(JsonNode json, String place) {
    if (json.isBoolean()) {
      return json.booleanValue() ? TRAINING : INFERENCE;
    }
    if (json.isTextual() && json.textValue().equals(RECORDED_NAME)) {
      return RECORDED;
    }
    throw DocumentObject.mistake(
        place, "expected true, false or \"recorded\", found %s", DocumentObject.shorten(json));
  }
}
