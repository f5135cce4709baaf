/**
 * Dense linear algebra in double precision for host functions. Decompositions that are unique only
 * up to signs or phases follow Eigen, which TensorFlow uses, step by step, so that the signs are
 * those that Keras gives.
 */
@NullMarked
package io.alphorn.compiler.ops.linalg;

import org.jspecify.annotations.NullMarked;
