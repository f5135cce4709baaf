package io.alphorn.api.codec;

import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * A prediction request that came as JSON.
 *
 * @param signature the endpoint, "" for the default one
 * @param byRow whether it was in row format ({@code instances}), which decides the answer's format
 * @param inputs in the order of the signature
 */
public record PredictRequest(String signature, boolean byRow, List<Tensor> inputs) {}
