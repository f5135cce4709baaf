package io.alphorn.api.drain;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the requests that are on, until no more are taken. */
final class InFlight {
  private final AtomicLong count = new AtomicLong();
  private final Object none = new Object();
  private volatile boolean closed;

  /** One request that is on. */
  final class Request {
    private final AtomicBoolean ended = new AtomicBoolean();

    private Request() {}

    /** The request is answered or gone. To say so again does nothing. */
    void end() {
      if (!ended.getAndSet(true)) {
        leave();
      }
    }
  }

  /**
   * Takes a request, unless no more are taken. It is counted before it is asked whether that is so:
   * one that comes while the door closes is refused or waited for, never overlooked.
   */
  Optional<Request> begin() {
    count.incrementAndGet();
    if (closed) {
      leave();
      return Optional.empty();
    }
    return Optional.of(new Request());
  }

  private void leave() {
    if (count.decrementAndGet() == 0 && closed) {
      synchronized (none) {
        none.notifyAll();
      }
    }
  }

  /** From now on none are taken. */
  void close() {
    closed = true;
  }

  long count() {
    return count.get();
  }

  /** Waits until no request is on, and tells whether that came in time. */
  boolean awaitNone(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (none) {
      for (long left = limit.toNanos(); count.get() > 0; left = end - System.nanoTime()) {
        if (left <= 0) {
          return false;
        }
        none.wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    }
    return true;
  }
}
