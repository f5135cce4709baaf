/** Lowerings of {@code keras.ops}: one file a family. */
@NullMarked
package io.alphorn.compiler.ops;

import org.jspecify.annotations.NullMarked;
