package io.alphorn.api;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ServedVersion;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Decides where a prediction runs: one that takes microseconds on the thread that read the request,
 * a heavier one on a bounded pool, so that it holds nobody up.
 */
@ApplicationScoped
public class Workers {
  private final ThreadPoolExecutor pool;
  private final int maxWaiting;

  Workers(ApiSettings settings, MeterRegistry metrics) {
    int threads =
        settings.workers() > 0 ? settings.workers() : Runtime.getRuntime().availableProcessors();
    this.maxWaiting = settings.maxWaiting();
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxWaiting),
            Thread.ofPlatform().name("prediction-", 0).factory());
    metrics.gauge("alphorn.queue.depth", pool, executor -> executor.getQueue().size());
  }

  void stop(@Observes ShutdownEvent event) {
    pool.shutdown();
  }

  /**
   * Runs {@code task} now or later.
   *
   * @param bytes of the request
   * @throws AlphornException RESOURCE_EXHAUSTED when too many wait already
   */
  public void execute(ServedVersion version, long bytes, Runnable task) {
    if (version.isLight(bytes)) {
      task.run();
      return;
    }
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      throw new AlphornException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%d predictions wait already, which is the limit (alphorn.api.max-waiting)"
              .formatted(maxWaiting),
          e);
    }
  }
}
