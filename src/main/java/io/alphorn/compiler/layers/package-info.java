/** Lowerings of {@code keras.layers}: one file a family. */
@NullMarked
package io.alphorn.compiler.layers;

import org.jspecify.annotations.NullMarked;
