/** Where the versions of models lie, and how new ones get there. */
@NullMarked
package io.alphorn.registry.store;

import org.jspecify.annotations.NullMarked;
