package io.alphorn.runtime;

import java.nio.ByteBuffer;

/** Where a run gets the memory for its outputs from. */
@FunctionalInterface
public interface BufferSource {
  /** Fresh memory that the garbage collector takes back. */
  BufferSource FRESH = BufferPool::allocateDirect;

  /**
   * A direct little-endian buffer of exactly {@code bytes} bytes. What it holds is undefined.
   *
   * @throws io.alphorn.error.AlphornException RESOURCE_EXHAUSTED when there is no memory for it
   */
  ByteBuffer allocate(long bytes);
}
