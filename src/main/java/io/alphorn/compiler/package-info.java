/** From a Keras model to a compiled one: the registry of lowerings and the walk over the model. */
@NullMarked
package io.alphorn.compiler;

import org.jspecify.annotations.NullMarked;
