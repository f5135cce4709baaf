package io.alphorn.api.openinference;

/**
 * Measures the parts that Triton's statistics tell of a request, in nanoseconds: waiting, reading
 * its tensors, running the model, writing the answer. For one request, whose parts come in order.
 */
final class InferenceClock {
  private final long received = System.nanoTime();
  private long begun = received;
  private long read = received;
  private long computed = received;
  private long written = received;

  /** When the request came, as {@link System#nanoTime} has it. */
  long received() {
    return received;
  }

  void begin() {
    begun = System.nanoTime();
  }

  void read() {
    read = System.nanoTime();
  }

  void computed() {
    computed = System.nanoTime();
  }

  void written() {
    written = System.nanoTime();
  }

  long queue() {
    return begun - received;
  }

  long input() {
    return read - begun;
  }

  long infer() {
    return computed - read;
  }

  long output() {
    return written - computed;
  }

  long whole() {
    return written - received;
  }

  long soFar() {
    return System.nanoTime() - received;
  }
}
