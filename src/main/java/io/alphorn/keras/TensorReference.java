package io.alphorn.keras;

/**
 * Keras's {@code keras_history}: one output of one call of a layer.
 *
 * @param layer the layer's name
 * @param call which of the layer's calls in this model, from 0
 * @param output which of the call's flattened outputs, from 0
 */
public record TensorReference(String layer, int call, int output) {}
