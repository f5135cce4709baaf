/** Lowerings of Keras's preprocessing layers: images, text, lookups. */
@NullMarked
package io.alphorn.compiler.preprocessing;

import org.jspecify.annotations.NullMarked;
