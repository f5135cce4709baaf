/** Rewrites of a graph that keep its numbers: an ordered list of small classes. */
@NullMarked
package io.alphorn.compiler.passes;

import org.jspecify.annotations.NullMarked;
