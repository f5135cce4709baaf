/** Models on disk and in memory: versions, their states, uploads and hot swaps. */
@NullMarked
package io.alphorn.registry;

import org.jspecify.annotations.NullMarked;
