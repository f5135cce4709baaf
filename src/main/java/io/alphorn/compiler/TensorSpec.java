package io.alphorn.compiler;

import io.alphorn.compiler.graph.Shape;
import io.alphorn.tensor.DType;

/** An input or an output of a model as clients see it; symbolic dimensions may be of any size. */
public record TensorSpec(String name, DType dtype, Shape shape) {}
