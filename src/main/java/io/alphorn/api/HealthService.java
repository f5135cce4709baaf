package io.alphorn.api;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.alphorn.api.drain.Drain;
import io.alphorn.api.drain.ServerReadiness;
import io.alphorn.registry.RegistryReady;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.event.Observes;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code grpc.health.v1.Health}: the server as a whole ("") and each of its services serve as soon
 * as the models that were there at the start have been loaded, and no more when the server stops.
 * TensorFlow Serving's health check knows its services by their short names.
 */
@GrpcService
public class HealthService extends HealthGrpc.HealthImplBase {
  private static final Set<String> SERVICES =
      Set.of(
          "",
          "PredictionService",
          "ModelService",
          "tensorflow.serving.PredictionService",
          "tensorflow.serving.ModelService",
          "inference.GRPCInferenceService",
          "alphorn.v1.Variables");

  /** A value of the protocol's that is younger than the stubs that Quarkus has. */
  private static final int SERVICE_UNKNOWN = 3;

  private final ServerReadiness readiness;
  private final Set<StreamObserver<HealthCheckResponse>> watchers = new HashSet<>();

  HealthService(ServerReadiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (!SERVICES.contains(request.getService())) {
      observer.onError(
          Status.NOT_FOUND
              .withDescription("unknown service '%s'".formatted(request.getService()))
              .asRuntimeException());
      return;
    }
    observer.onNext(response(status()));
    observer.onCompleted();
  }

  /** Tells the status now and after each change, until the client goes away. */
  @Override
  public synchronized void watch(
      HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (!SERVICES.contains(request.getService())) {
      observer.onNext(HealthCheckResponse.newBuilder().setStatusValue(SERVICE_UNKNOWN).build());
      return;
    }
    observer.onNext(response(status()));
    if (observer instanceof ServerCallStreamObserver<HealthCheckResponse> call) {
      watchers.add(call);
      call.setOnCancelHandler(() -> forget(call));
    }
  }

  private synchronized void forget(StreamObserver<HealthCheckResponse> watcher) {
    watchers.remove(watcher);
  }

  private synchronized ServingStatus status() {
    return readiness.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  synchronized void ready(@Observes RegistryReady event) {
    tell();
  }

  synchronized void stop(@Observes Drain.Begun event) {
    tell();
  }

  private void tell() {
    HealthCheckResponse response = response(status());
    watchers.forEach(watcher -> watcher.onNext(response));
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
