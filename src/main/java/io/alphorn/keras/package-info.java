/** What a config.json says, of every Keras version, as typed values; and where its weights lie. */
@NullMarked
package io.alphorn.keras;

import org.jspecify.annotations.NullMarked;
