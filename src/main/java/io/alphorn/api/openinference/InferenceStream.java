package io.alphorn.api.openinference;

import io.alphorn.api.openinference.proto.ModelInferRequest;
import io.alphorn.api.openinference.proto.ModelStreamInferResponse;
import io.alphorn.runtime.Cancellation;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * The requests of one stream. gRPC hands over the next one only when it is asked for, which is
 * after the last one's answer; the end of the requests it tells at any time.
 */
final class InferenceStream implements StreamObserver<ModelInferRequest> {
  private final InferenceGrpc service;
  private final ServerCallStreamObserver<ModelStreamInferResponse> call;
  private final Cancellation cancellation;
  private boolean answering;
  private boolean ended;

  InferenceStream(
      InferenceGrpc service,
      ServerCallStreamObserver<ModelStreamInferResponse> call,
      Cancellation cancellation) {
    this.service = service;
    this.call = call;
    this.cancellation = cancellation;
  }

  @Override
  public void onNext(ModelInferRequest request) {
    begin();
    service.inferInStream(request, cancellation, this::answer);
  }

  private synchronized void begin() {
    answering = true;
  }

  private synchronized void answer(ModelStreamInferResponse response) {
    answering = false;
    if (call.isCancelled()) {
      return;
    }
    call.onNext(response);
    if (ended) {
      call.onCompleted();
    } else {
      call.request(1);
    }
  }

  @Override
  public synchronized void onCompleted() {
    ended = true;
    if (!answering) {
      call.onCompleted();
    }
  }

  /** The client is gone, which ends the run that is on. */
  @Override
  public void onError(Throwable gone) {
    cancellation.cancel();
  }
}
