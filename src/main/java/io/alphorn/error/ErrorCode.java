package io.alphorn.error;

/**
 * What went wrong, in the terms of {@code google.rpc.Code}. Each code carries the HTTP status that
 * TensorFlow Serving answers for it (its {@code http_rest_api_util.cc}) and the gRPC status number.
 */
public enum ErrorCode {
  CANCELLED(499, 1),
  INVALID_ARGUMENT(400, 3),
  NOT_FOUND(404, 5),
  FAILED_PRECONDITION(400, 9),
  ALREADY_EXISTS(409, 6),
  RESOURCE_EXHAUSTED(429, 8),
  UNAVAILABLE(503, 14),
  DEADLINE_EXCEEDED(504, 4),
  UNIMPLEMENTED(501, 12),
  UNAUTHENTICATED(401, 16),
  PERMISSION_DENIED(403, 7),
  INTERNAL(500, 13);

  private final int httpStatus;
  private final int grpcStatus;

  ErrorCode(int httpStatus, int grpcStatus) {
    this.httpStatus = httpStatus;
    this.grpcStatus = grpcStatus;
  }

  /** The HTTP status code of an answer that reports this error. */
  public int httpStatus() {
    return httpStatus;
  }

  /** The number of the matching {@code io.grpc.Status.Code}. */
  public int grpcStatus() {
    return grpcStatus;
  }
}
