/** Managing models over REST: what TensorFlow Serving leaves to the file system. */
@NullMarked
package io.alphorn.api.admin;

import org.jspecify.annotations.NullMarked;
