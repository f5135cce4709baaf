package io.alphorn.api.codec;

import io.alphorn.tensor.Tensor;

/**
 * An output of an answer.
 *
 * @param binary whether it goes behind the JSON as raw bytes
 */
public record InferenceOutput(String name, Tensor tensor, boolean binary) {}
