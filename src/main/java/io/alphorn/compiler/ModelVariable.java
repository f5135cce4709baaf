package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;

/**
 * A variable of a model.
 *
 * @param path as Keras names it: the layers' names and the variable's own, as {@code dense/kernel}
 */
public record ModelVariable(String path, boolean trainable, StoredTensor tensor) {}
