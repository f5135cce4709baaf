package io.alphorn.keras;

import java.util.List;

/**
 * A layer or an operation of a functional model, with its calls in order.
 *
 * @param name unique in the model
 */
public record LayerNode(String name, SerializedObject layer, List<Call> calls) {}
