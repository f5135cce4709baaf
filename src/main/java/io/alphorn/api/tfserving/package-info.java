/** TensorFlow Serving's REST and gRPC APIs. */
@NullMarked
package io.alphorn.api.tfserving;

import org.jspecify.annotations.NullMarked;
