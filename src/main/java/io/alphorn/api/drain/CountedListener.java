package io.alphorn.api.drain;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;

/** Tells when a call over gRPC is over: answered to the last byte, or given up. */
final class CountedListener<Q> extends SimpleForwardingServerCallListener<Q> {
  private final InFlight.Request request;

  CountedListener(ServerCall.Listener<Q> listener, InFlight.Request request) {
    super(listener);
    this.request = request;
  }

  @Override
  public void onComplete() {
    request.end();
    super.onComplete();
  }

  @Override
  public void onCancel() {
    request.end();
    super.onCancel();
  }
}
