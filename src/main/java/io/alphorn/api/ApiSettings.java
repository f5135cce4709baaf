package io.alphorn.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits on requests, under {@code alphorn.api}. */
@ConfigMapping(prefix = "alphorn.api")
public interface ApiSettings {
  /** The largest body of a prediction request, in bytes, after decompression. */
  @WithDefault("268435456")
  long maxRequestBytes();

  /** How many elements one tensor may have. */
  @WithDefault("268435456")
  long maxTensorElements();

  /** How deep the JSON of a request may be nested. */
  @WithDefault("64")
  int maxJsonDepth();

  /** How long a prediction over REST may take; TensorFlow Serving's default. */
  @WithDefault("30s")
  Duration timeout();

  /**
   * Threads for models that are too slow for the thread that reads requests; 0: one a processor.
   */
  @WithDefault("0")
  int workers();

  /** How many predictions may wait for a worker; more are refused with RESOURCE_EXHAUSTED. */
  @WithDefault("1024")
  int maxWaiting();

  /** How much memory that tensors of earlier requests used is kept for the next ones, in bytes. */
  @WithDefault("268435456")
  long maxPooledBytes();

  /** How many elements of variables one JSON answer may hold. */
  @WithDefault("1000000")
  long maxJsonValues();

  /**
   * Whether web pages of other origins may ask, as TensorFlow Serving's
   * --rest_api_enable_cors_support has it.
   */
  @WithDefault("false")
  boolean cors();
}
