package io.alphorn.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends runs whose deadline passes. One thread looks at all of them every few milliseconds: most
 * runs are over sooner, so that setting a timer for each would cost more than the run.
 */
final class DeadlineWatch {
  static final DeadlineWatch SHARED = new DeadlineWatch();

  private static final long LOOK_NANOS = 5_000_000;

  /** Looks in vain before the thread sleeps until the next run; waking it costs that run time. */
  private static final int IDLE_LOOKS = 200;

  private final Set<Cancellation> watched = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean asleep;

  private DeadlineWatch() {
    thread = Thread.ofPlatform().daemon().name("alphorn-deadlines").unstarted(this::look);
    thread.start();
  }

  void add(Cancellation cancellation) {
    watched.add(cancellation);
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  void remove(Cancellation cancellation) {
    watched.remove(cancellation);
  }

  private void look() {
    int idle = 0;
    while (true) {
      long now = System.nanoTime();
      watched.forEach(cancellation -> cancellation.expire(now));
      idle = watched.isEmpty() ? idle + 1 : 0;
      if (idle < IDLE_LOOKS) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      } else {
        sleep();
        idle = 0;
      }
    }
  }

  private void sleep() {
    asleep = true;
    while (watched.isEmpty()) {
      LockSupport.park(this);
    }
    asleep = false;
  }
}
