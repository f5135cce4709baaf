package io.alphorn.keras;

import java.util.List;
import java.util.Map;

/** One call of a layer in a functional model: Python's positional and keyword arguments. */
public record Call(
    List<Nested<TensorReference>> arguments, Map<String, Nested<TensorReference>> keywords) {}
