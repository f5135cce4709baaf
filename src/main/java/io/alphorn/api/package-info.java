/**
 * What clients speak: what all protocols share stands here, each protocol in a package of its own.
 */
@NullMarked
package io.alphorn.api;

import org.jspecify.annotations.NullMarked;
