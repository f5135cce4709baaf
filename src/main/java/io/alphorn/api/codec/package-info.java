/** Tensors to and from what travels: JSON, protobuf, raw bytes. */
@NullMarked
package io.alphorn.api.codec;

import org.jspecify.annotations.NullMarked;
