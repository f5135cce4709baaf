/** Writes a graph as an ONNX model. */
@NullMarked
package io.alphorn.compiler.onnx;

import org.jspecify.annotations.NullMarked;
