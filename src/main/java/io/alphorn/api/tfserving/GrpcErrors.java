package io.alphorn.api.tfserving;

import io.alphorn.error.AlphornException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Errors as gRPC has them. */
final class GrpcErrors {
  private GrpcErrors() {}

  static StatusRuntimeException of(AlphornException e) {
    return Status.fromCodeValue(e.code().grpcStatus())
        .withDescription(e.getMessage())
        .asRuntimeException();
  }
}
