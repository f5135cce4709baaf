package io.alphorn.api;

import io.alphorn.error.AlphornException;
import io.alphorn.runtime.Cancellation;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How calls over gRPC end, in all protocols. */
public final class GrpcCalls {
  private GrpcCalls() {}

  /** An error as gRPC has it. */
  public static StatusRuntimeException error(AlphornException e) {
    return Status.fromCodeValue(e.code().grpcStatus())
        .withDescription(e.getMessage())
        .asRuntimeException();
  }

  /**
   * Ends the run of the call at hand when its client goes away or its deadline passes. To be asked
   * for before the method that answers the call returns.
   */
  public static Cancellation cancellation(StreamObserver<?> observer) {
    Deadline deadline = Context.current().getDeadline();
    Cancellation cancellation =
        deadline == null
            ? Cancellation.create()
            : Cancellation.after(
                Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS))));
    if (observer instanceof ServerCallStreamObserver<?> call) {
      call.setOnCancelHandler(cancellation::cancel);
    }
    return cancellation;
  }
}
