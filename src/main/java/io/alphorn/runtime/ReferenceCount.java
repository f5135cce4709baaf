package io.alphorn.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who still uses a thing that must be closed when nobody does. It begins with one user, its owner.
 * Without locks: taking and giving up is one atomic step each.
 */
final class ReferenceCount {
  private final AtomicLong users = new AtomicLong(1);

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

  /**
   * Takes a user away.
   *
   * @return whether that was the last one, who now has to close the thing
   */
  boolean release() {
    long left = users.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
    return left == 0;
  }
}
