package io.alphorn.api.tfserving;

import io.alphorn.error.AlphornException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The metrics that dashboards for TensorFlow Serving ask for, under its names, with its labels and
 * buckets ({@code servables/tensorflow/util.cc}, {@code util/prometheus_exporter.cc}); requests of
 * its APIs are counted as it does. Names of models that are not there are no labels.
 */
@ApplicationScoped
public class ServingMetrics {
  /** Which of TensorFlow Serving's APIs a request came through. */
  enum Entrypoint {
    REST,
    GRPC
  }

  private static final String RUNTIME = "ONNX";
  private static final double FIRST_MICROSECONDS = 10;
  private static final double GROWTH = 1.8;
  private static final int LATENCY_BUCKETS = 33;
  private static final int EXAMPLE_BUCKETS = 15;

  private final MeterRegistry loads;
  private final CounterFamily exampleTotal =
      new CounterFamily(":tensorflow:serving:request_example_count_total", "model");
  private final HistogramFamily examples =
      new HistogramFamily(
          ":tensorflow:serving:request_example_counts", 1, 2, EXAMPLE_BUCKETS, "model");
  private final CounterFamily requests =
      new CounterFamily(":tensorflow:serving:request_count", "model_name", "status");
  private final HistogramFamily requestLatency =
      latency(":tensorflow:serving:request_latency", "model_name", "API", "entrypoint");
  private final HistogramFamily runtimeLatency =
      latency(":tensorflow:serving:runtime_latency", "model_name", "API", "runtime");

  ServingMetrics(MeterRegistry loads) {
    this.loads = loads;
  }

  private static HistogramFamily latency(String name, String... labels) {
    return new HistogramFamily(name, FIRST_MICROSECONDS, GROWTH, LATENCY_BUCKETS, labels);
  }

  /**
   * A request that was answered.
   *
   * @param api as the protocol spells it: {@code predict} in a path, {@code Predict} in gRPC
   */
  void succeeded(String model, String api, Entrypoint entrypoint, long startNanoseconds) {
    requests.add(1, model, "OK");
    requestLatency.add(microseconds(startNanoseconds), model, api, entrypoint.name());
  }

  /**
   * A request that was refused or failed.
   *
   * @param model "" when there is none of the name that the client gave
   */
  void failed(String model, AlphornException error) {
    requests.add(1, model, error.code().name());
  }

  /** A run of a model. */
  void ran(String model, String api, long startNanoseconds) {
    runtimeLatency.add(microseconds(startNanoseconds), model, api, RUNTIME);
  }

  /** How many examples a request had. */
  void examples(String model, int count) {
    examples.add(count, model);
    exampleTotal.add(count, model);
  }

  private static long microseconds(long startNanoseconds) {
    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanoseconds);
  }

  /** All of them in Prometheus's text format. */
  String page() {
    CounterFamily attempts =
        new CounterFamily(":tensorflow:cc:saved_model:load_attempt_count", "model_path", "status");
    CounterFamily latencies =
        new CounterFamily(":tensorflow:cc:saved_model:load_latency", "model_path");
    for (Timer timer : loads.find("alphorn.loads").timers()) {
      String model = Objects.requireNonNullElse(timer.getId().getTag("model"), "");
      boolean success = "OK".equals(timer.getId().getTag("code"));
      attempts.add(timer.count(), model, success ? "success" : "fail");
      latencies.add((long) timer.totalTime(TimeUnit.MICROSECONDS), model);
    }
    StringBuilder page = new StringBuilder();
    attempts.write(page);
    latencies.write(page);
    requests.write(page);
    exampleTotal.write(page);
    examples.write(page);
    requestLatency.write(page);
    runtimeLatency.write(page);
    return page.toString();
  }
}
