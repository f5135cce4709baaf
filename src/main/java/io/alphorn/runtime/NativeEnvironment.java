package io.alphorn.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import org.jspecify.annotations.Nullable;

/** The process's one ONNX Runtime, with one pool of threads for all sessions. */
final class NativeEnvironment {
  private static @Nullable OrtEnvironment shared;

  private NativeEnvironment() {}

  /** The environment, made with {@code threads} when this is the first call. */
  static synchronized OrtEnvironment get(int threads) throws OrtException {
    OrtEnvironment environment = shared;
    if (environment == null) {
      environment = create(threads);
      shared = environment;
    }
    return environment;
  }

  private static OrtEnvironment create(int threads) throws OrtException {
    Telemetry.disable();
    try (OrtEnvironment.ThreadingOptions options = new OrtEnvironment.ThreadingOptions()) {
      options.setGlobalIntraOpNumThreads(threads);
      options.setGlobalInterOpNumThreads(1);
      // Waiting threads sleep: the processors are the HTTP server's too.
      options.setGlobalSpinControl(false);
      // Errors come as exceptions; to print them too would let any client fill the log.
      return OrtEnvironment.getEnvironment(
          OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "alphorn", options);
    }
  }
}
