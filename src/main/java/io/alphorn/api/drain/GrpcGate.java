package io.alphorn.api.drain;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where calls over gRPC are counted, or refused because the server stops. */
@ApplicationScoped
@GlobalInterceptor
public class GrpcGate implements ServerInterceptor {
  /** Health and reflection: they are asked to the end. */
  private static final String OPERATIONS = "grpc.";

  private final Drain drain;

  GrpcGate(Drain drain) {
    this.drain = drain;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getFullMethodName().startsWith(OPERATIONS)) {
      return next.startCall(call, headers);
    }
    Optional<InFlight.Request> request = drain.requests().begin();
    if (request.isEmpty()) {
      call.close(
          Status.UNAVAILABLE.withDescription("the server stops; ask another one"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new CountedListener<>(next.startCall(call, headers), request.get());
  }
}
