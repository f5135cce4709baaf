package io.alphorn.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a run may be ended before it is done: by a deadline, or by whoever asked for it. One serves
 * one request; {@link #cancel} may be called from any thread at any time.
 */
public final class Cancellation {
  private enum State {
    OPEN,
    CANCELLED,
    EXPIRED
  }

  private final @Nullable Duration limit;
  private final long deadline;
  private State state = State.OPEN;
  private @Nullable RunOptions running;

  private Cancellation(@Nullable Duration limit) {
    this.limit = limit;
    this.deadline = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
  }

  /** Without a deadline. */
  public static Cancellation create() {
    return new Cancellation(null);
  }

  /** With a deadline {@code limit} from now. */
  public static Cancellation after(Duration limit) {
    return new Cancellation(limit);
  }

  /** Ends the run that is on, within milliseconds, and any later one before it begins. */
  public void cancel() {
    end(State.CANCELLED);
  }

  /**
   * Ends here when the deadline has passed or the caller has given up.
   *
   * @throws AlphornException DEADLINE_EXCEEDED or CANCELLED
   */
  public void check() {
    expire(System.nanoTime());
    AlphornException ended = reason();
    if (ended != null) {
      throw ended;
    }
  }

  boolean hasDeadline() {
    return limit != null;
  }

  /** Ends the run when {@code now} is past the deadline. */
  void expire(long now) {
    if (limit != null && now - deadline >= 0) {
      end(State.EXPIRED);
    }
  }

  /** Why the run was ended; null when it was not. */
  synchronized @Nullable AlphornException reason() {
    return switch (state) {
      case OPEN -> null;
      case CANCELLED ->
          new AlphornException(ErrorCode.CANCELLED, "the request was cancelled by its caller");
      case EXPIRED ->
          new AlphornException(
              ErrorCode.DEADLINE_EXCEEDED,
              "the request took longer than its limit of %d ms"
                  .formatted(limit == null ? 0 : limit.toMillis()));
    };
  }

  /** From here to {@link #detach}, ending means to terminate {@code options}' run. */
  synchronized void attach(RunOptions options) throws OrtException {
    running = options;
    options.setTerminate(state != State.OPEN);
  }

  synchronized void detach() {
    running = null;
  }

  private synchronized void end(State how) {
    if (state != State.OPEN) {
      return;
    }
    state = how;
    if (running != null) {
      try {
        running.setTerminate(true);
      } catch (OrtException e) {
        throw new IllegalStateException("a run could not be ended", e);
      }
    }
  }
}
