/**
 * From bytes on disk to safe files and weights: zip, HDF5, NumPy files and sharded weights, each
 * under a budget. This package trusts nothing that it reads and knows nothing of layers.
 */
@NullMarked
package io.alphorn.archive;

import org.jspecify.annotations.NullMarked;
