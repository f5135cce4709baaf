/**
 * Functions of TensorFlow that Keras 2 recorded in functional models, on the operations of Keras 3.
 */
@NullMarked
package io.alphorn.compiler.tensorflow;

import org.jspecify.annotations.NullMarked;
