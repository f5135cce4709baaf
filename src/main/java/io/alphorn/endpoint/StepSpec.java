package io.alphorn.endpoint;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An operation that an endpoint applies to an output.
 *
 * @param operation its name in {@code keras.ops}, as {@code top_k}
 * @param arguments all of its arguments but the first, by name: a JSON object
 * @param place where it stands in the document, for messages
 */
public record StepSpec(String operation, JsonNode arguments, String place) {}
