/** Element types and dense arrays, the currency between all packages. */
@NullMarked
package io.alphorn.tensor;

import org.jspecify.annotations.NullMarked;
