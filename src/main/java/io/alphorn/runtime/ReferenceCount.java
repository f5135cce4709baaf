package io.alphorn.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who still uses a thing that must be closed when nobody does. It begins with one user, its owner.
 * Without locks: taking and giving up is one atomic step each.
 */
final class ReferenceCount {
  private final AtomicLong users = new AtomicLong(1);
  private final Runnable whenUnused;

  /**
   * A count of one.
   *
   * @param whenUnused runs once, on the thread of the user that leaves last
   */
  ReferenceCount(Runnable whenUnused) {
    this.whenUnused = whenUnused;
  }

  /** Adds a user, unless the last one has left already. */
  boolean retain() {
    long current = users.get();
    while (current > 0) {
      long witness = users.compareAndExchange(current, current + 1);
      if (witness == current) {
        return true;
      }
      current = witness;
    }
    return false;
  }

  void release() {
    long left = users.decrementAndGet();
    if (left == 0) {
      whenUnused.run();
    } else if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
  }
}
