/** The Open Inference Protocol v2 over REST and gRPC, with Triton's extensions. */
@NullMarked
package io.alphorn.api.openinference;

import org.jspecify.annotations.NullMarked;
