package io.alphorn.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Hands a tensor's bytes to a stream block by block, so that no copy of the whole is made. */
final class ElementBlocks {
  private static final int BLOCK_BYTES = 1 << 16;

  private ElementBlocks() {}

  static void write(ByteBuffer elements, OutputStream out) throws IOException {
    byte[] block = new byte[Math.min(BLOCK_BYTES, elements.remaining())];
    while (elements.hasRemaining()) {
      int count = Math.min(block.length, elements.remaining());
      elements.get(block, 0, count);
      out.write(block, 0, count);
    }
  }
}
