package io.alphorn.api.tfserving;

import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.tfserving.proto.GetModelStatusRequest;
import io.alphorn.api.tfserving.proto.GetModelStatusResponse;
import io.alphorn.api.tfserving.proto.ModelServiceGrpc;
import io.alphorn.api.tfserving.proto.ModelSpec;
import io.alphorn.api.tfserving.proto.ModelVersionStatus;
import io.alphorn.api.tfserving.proto.StatusProto;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.VersionStatus;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.Optional;

/** {@code tensorflow.serving.ModelService}: the states of versions. */
@GrpcService
public class ModelGrpc extends ModelServiceGrpc.ModelServiceImplBase {
  private final ModelRegistry registry;

  ModelGrpc(ModelRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void getModelStatus(
      GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> observer) {
    try {
      if (!request.hasModelSpec()) {
        throw AlphornException.invalidArgument("Missing ModelSpec");
      }
      observer.onNext(status(request.getModelSpec()));
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  private GetModelStatusResponse status(ModelSpec spec) {
    Optional<Long> version =
        spec.hasVersion() ? Optional.of(spec.getVersion().getValue()) : Optional.empty();
    GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
    for (VersionStatus status : DefaultVersion.statuses(registry, spec.getName(), version)) {
      response.addModelVersionStatus(
          ModelVersionStatus.newBuilder()
              .setVersion(status.version())
              .setStateValue(status.state().number())
              .setStatus(error(status)));
    }
    return response.build();
  }

  private static StatusProto error(VersionStatus status) {
    return status
        .error()
        .map(
            failure ->
                StatusProto.newBuilder()
                    .setErrorCodeValue(failure.code().grpcStatus())
                    .setErrorMessage(failure.message())
                    .build())
        .orElse(StatusProto.getDefaultInstance());
  }
}
