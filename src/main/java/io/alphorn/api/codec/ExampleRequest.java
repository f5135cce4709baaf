package io.alphorn.api.codec;

import io.alphorn.api.tfserving.proto.Input;

/**
 * A request to classify or to regress that came as JSON.
 *
 * @param signature the endpoint, "" for the default one
 * @param input the examples
 */
public record ExampleRequest(String signature, Input input) {}
