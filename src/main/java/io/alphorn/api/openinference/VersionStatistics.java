package io.alphorn.api.openinference;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * Triton's statistics of a version since it was loaded.
 *
 * @param lastInference when the last request was answered, in milliseconds since 1970; 0 for never
 * @param inferenceCount rows that were answered
 * @param executionCount runs of the model
 * @param responses of models that answer a request more than once, which none here does
 * @param memory is not told
 */
record VersionStatistics(
    String name,
    String version,
    @JsonProperty("last_inference") long lastInference,
    @JsonProperty("inference_count") long inferenceCount,
    @JsonProperty("execution_count") long executionCount,
    @JsonProperty("inference_stats") Inferences inferences,
    @JsonProperty("response_stats") Map<String, Object> responses,
    @JsonProperty("batch_stats") List<Batch> batches,
    @JsonProperty("memory_usage") List<Object> memory) {
  /** How often something took place, and how many nanoseconds it took in all. */
  record Total(long count, long ns) {
    static final Total ZERO = new Total(0, 0);

    Total plus(long more) {
      return new Total(count + 1, ns + more);
    }

    Total plus(Total other) {
      return new Total(count + other.count, ns + other.ns);
    }
  }

  /** The parts of all requests. Answers are not cached. */
  record Inferences(
      Total success,
      Total fail,
      Total queue,
      @JsonProperty("compute_input") Total input,
      @JsonProperty("compute_infer") Total infer,
      @JsonProperty("compute_output") Total output,
      @JsonProperty("cache_hit") Total cacheHit,
      @JsonProperty("cache_miss") Total cacheMiss) {}

  /** The parts of requests with this many rows. */
  record Batch(
      @JsonProperty("batch_size") long size,
      @JsonProperty("compute_input") Total input,
      @JsonProperty("compute_infer") Total infer,
      @JsonProperty("compute_output") Total output) {
    static Batch of(long size, InferenceClock clock) {
      return new Batch(
          size,
          Total.ZERO.plus(clock.input()),
          Total.ZERO.plus(clock.infer()),
          Total.ZERO.plus(clock.output()));
    }

    Batch plus(Batch other) {
      return new Batch(
          size, input.plus(other.input), infer.plus(other.infer), output.plus(other.output));
    }
  }
}
