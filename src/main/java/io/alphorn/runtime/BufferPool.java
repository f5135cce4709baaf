package io.alphorn.runtime;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Direct buffers that are used again: the JDK zeroes each new one and frees it only when the
 * garbage collector comes by. Buffers are kept in classes of powers of two, up to a number of bytes
 * in all; what is beyond that is left to the garbage collector. Safe for use by many threads.
 */
public final class BufferPool {
  private static final int SMALLEST_POWER = 8;
  private static final int LARGEST_POWER = 30;

  private final List<ConcurrentLinkedQueue<ByteBuffer>> free =
      IntStream.rangeClosed(SMALLEST_POWER, LARGEST_POWER)
          .mapToObj(power -> new ConcurrentLinkedQueue<ByteBuffer>())
          .toList();
  private final AtomicLong keptBytes = new AtomicLong();
  private final long maxKeptBytes;

  /**
   * An empty pool.
   *
   * @param maxKeptBytes the most that may lie in the pool unused
   */
  public BufferPool(long maxKeptBytes) {
    this.maxKeptBytes = maxKeptBytes;
  }

  /** Bytes that lie in the pool unused. */
  public long keptBytes() {
    return keptBytes.get();
  }

  /** A new lease on memory of this pool. */
  public Lease lease() {
    return new Lease(this);
  }

  static ByteBuffer allocateDirect(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw AlphornException.resourceExhausted(
          "a tensor of %d bytes is beyond the 2 GiB that one buffer holds", bytes);
    }
    try {
      return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      throw new AlphornException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "no memory left for a tensor of %d bytes".formatted(bytes),
          e);
    }
  }

  private ByteBuffer take(long bytes) {
    int power = power(bytes);
    if (power > LARGEST_POWER) {
      return allocateDirect(bytes);
    }
    ByteBuffer kept = free.get(power - SMALLEST_POWER).poll();
    if (kept == null) {
      return allocateDirect(1L << power);
    }
    keptBytes.addAndGet(-kept.capacity());
    return kept;
  }

  private void giveBack(ByteBuffer buffer) {
    int power = power(buffer.capacity());
    if (power > LARGEST_POWER) {
      return;
    }
    if (keptBytes.addAndGet(buffer.capacity()) > maxKeptBytes) {
      keptBytes.addAndGet(-buffer.capacity());
      return;
    }
    free.get(power - SMALLEST_POWER).add(buffer);
  }

  private static int power(long bytes) {
    return Math.max(SMALLEST_POWER, Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, bytes) - 1));
  }

  /**
   * The memory of one request: all of it goes back at once when the lease is closed, and no buffer
   * that came from it may be used after that. For one thread at a time.
   */
  public static final class Lease implements BufferSource, AutoCloseable {
    private final BufferPool pool;
    private final List<ByteBuffer> taken = new ArrayList<>();

    private Lease(BufferPool pool) {
      this.pool = pool;
    }

    @Override
    public ByteBuffer allocate(long bytes) {
      ByteBuffer whole = pool.take(bytes);
      taken.add(whole);
      return whole.slice(0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A buffer twice as large that begins with the bytes of {@code buffer} up to its position, and
     * stands there. The old one stays valid.
     */
    public ByteBuffer grow(ByteBuffer buffer) {
      return allocate(2L * Math.max(1, buffer.capacity())).put(buffer.flip());
    }

    @Override
    public void close() {
      taken.forEach(pool::giveBack);
      taken.clear();
    }
  }
}
