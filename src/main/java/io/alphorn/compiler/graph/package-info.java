/** The tensor graph that lowerings build: ONNX operators over values with symbolic shapes. */
@NullMarked
package io.alphorn.compiler.graph;

import org.jspecify.annotations.NullMarked;
