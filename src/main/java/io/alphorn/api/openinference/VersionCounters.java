package io.alphorn.api.openinference;

import io.alphorn.api.openinference.VersionStatistics.Batch;
import io.alphorn.api.openinference.VersionStatistics.Total;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the requests to one version took so far. Safe for use by many threads. */
final class VersionCounters {
  /** Clients choose batch sizes: of so many different ones the times are kept, and no more. */
  private static final int MAX_BATCH_SIZES = 256;

  private final Map<Long, Batch> batches = new TreeMap<>();
  private long lastInference;
  private long inferences;
  private long executions;
  private Total success = Total.ZERO;
  private Total fail = Total.ZERO;
  private Total queue = Total.ZERO;
  private Total input = Total.ZERO;
  private Total infer = Total.ZERO;
  private Total output = Total.ZERO;

  /**
   * Counts a request that was answered.
   *
   * @param batch its rows
   */
  synchronized void succeeded(long batch, InferenceClock clock) {
    lastInference = System.currentTimeMillis();
    inferences += batch;
    executions++;
    success = success.plus(clock.whole());
    queue = queue.plus(clock.queue());
    input = input.plus(clock.input());
    infer = infer.plus(clock.infer());
    output = output.plus(clock.output());
    if (batches.containsKey(batch) || batches.size() < MAX_BATCH_SIZES) {
      batches.merge(batch, Batch.of(batch, clock), Batch::plus);
    }
  }

  /** Counts a request that failed. */
  synchronized void failed(InferenceClock clock) {
    fail = fail.plus(clock.soFar());
  }

  synchronized VersionStatistics snapshot(String model, long version) {
    List<Batch> sizes = new ArrayList<>(batches.values());
    return new VersionStatistics(
        model,
        Long.toString(version),
        lastInference,
        inferences,
        executions,
        new VersionStatistics.Inferences(
            success, fail, queue, input, infer, output, Total.ZERO, Total.ZERO),
        Map.of(),
        sizes,
        List.of());
  }
}
