package io.alphorn.api;

import io.alphorn.error.AlphornException;
import io.alphorn.registry.ServedVersion;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Counts and times predictions by model, version, endpoint, protocol and outcome. */
@ApplicationScoped
public class RequestMetrics {
  private static final String NAME = "alphorn.requests";

  private record Key(String model, String version, String endpoint, String protocol, String code) {}

  private final MeterRegistry registry;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A prediction that was answered. */
  public void succeeded(
      ServedVersion version, String endpoint, String protocol, long startNanoseconds) {
    record(
        new Key(version.model(), Long.toString(version.version()), named(endpoint), protocol, "OK"),
        startNanoseconds);
  }

  /** A prediction that was refused or failed, by a version that is there. */
  public void failed(
      ServedVersion version,
      String endpoint,
      String protocol,
      AlphornException error,
      long startNanoseconds) {
    String known = version.endpoint(endpoint).isPresent() ? named(endpoint) : "";
    record(
        new Key(
            version.model(),
            Long.toString(version.version()),
            known,
            protocol,
            error.code().name()),
        startNanoseconds);
  }

  /** A request for what is not there: names that clients make up are no labels. */
  public void failed(String protocol, AlphornException error, long startNanoseconds) {
    record(new Key("", "", "", protocol, error.code().name()), startNanoseconds);
  }

  private static String named(String endpoint) {
    return endpoint.isEmpty() ? "serving_default" : endpoint;
  }

  private void record(Key key, long startNanoseconds) {
    timers
        .computeIfAbsent(key, this::timer)
        .record(System.nanoTime() - startNanoseconds, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Key key) {
    return Timer.builder(NAME)
        .description("Predictions, from the first byte read to the answer")
        .tag("model", key.model())
        .tag("version", key.version())
        .tag("endpoint", key.endpoint())
        .tag("protocol", key.protocol())
        .tag("code", key.code())
        .publishPercentileHistogram()
        .register(registry);
  }
}
