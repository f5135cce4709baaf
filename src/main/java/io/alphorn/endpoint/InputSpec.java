package io.alphorn.endpoint;

import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * One input of an endpoint's signature.
 *
 * @param name the name of one of the model's inputs, or of a parameter of the target's {@code call}
 * @param shape its sizes, -1 where any size will do; empty: as the target has it
 * @param dtype empty: as the target has it
 */
public record InputSpec(
    String name, Optional<List<Long>> shape, Optional<DType> dtype, String place) {}
