/** Runs compiled models: ONNX Runtime sessions and host functions, stage by stage. */
@NullMarked
package io.alphorn.runtime;

import org.jspecify.annotations.NullMarked;
