/** The end of a server without a failed request: ready no more, then no new requests, then none. */
@NullMarked
package io.alphorn.api.drain;

import org.jspecify.annotations.NullMarked;
