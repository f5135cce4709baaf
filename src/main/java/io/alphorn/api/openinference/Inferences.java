package io.alphorn.api.openinference;

import io.alphorn.api.Failures;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.Classification;
import io.alphorn.api.codec.InferenceOutput;
import io.alphorn.api.codec.InferenceRequest;
import io.alphorn.api.codec.InferenceSignature;
import io.alphorn.api.codec.RequestedOutput;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferPool;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How an inference goes, over REST and gRPC: found, read, run, answered, counted. */
@ApplicationScoped
class Inferences {
  /** One request, in the words of its protocol. Exactly one answer or refusal comes. */
  interface Exchange {
    /** The protocol's name in metrics. */
    String protocol();

    /** How large the request is. */
    long bytes();

    /** Reads the request. Tensors may go to {@code memory}. */
    InferenceRequest read(InferenceSignature signature, BufferSource memory);

    /** Writes the answer; what it gives sends it. The tensors are gone by then. */
    Runnable answer(Target target, InferenceRequest request, List<InferenceOutput> outputs);

    void refuse(AlphornException failure);
  }

  private final Targets targets;
  private final Workers workers;
  private final RequestMetrics metrics;
  private final InferenceStatistics statistics;
  private final BufferPool buffers;

  Inferences(
      Targets targets,
      Workers workers,
      RequestMetrics metrics,
      InferenceStatistics statistics,
      BufferPool buffers) {
    this.targets = targets;
    this.workers = workers;
    this.metrics = metrics;
    this.statistics = statistics;
    this.buffers = buffers;
  }

  /**
   * Answers a request, on this thread or a worker.
   *
   * @param version a number; "" for the newest
   */
  void infer(String model, String version, Exchange exchange, Cancellation cancellation) {
    InferenceClock clock = new InferenceClock();
    Target target;
    try {
      target = targets.resolve(model, version);
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(exchange.protocol(), failure, clock.received());
      exchange.refuse(failure);
      return;
    }
    try {
      workers.execute(
          target.version(), exchange.bytes(), () -> infer(target, exchange, cancellation, clock));
    } catch (AlphornException e) {
      fail(target, exchange, e, clock);
      target.close();
    }
  }

  private void infer(
      Target target, Exchange exchange, Cancellation cancellation, InferenceClock clock) {
    clock.begin();
    Runnable answer;
    try (target) {
      try {
        answer = run(target, exchange, cancellation, clock);
      } catch (RuntimeException e) {
        fail(target, exchange, Failures.internal(e), clock);
        return;
      }
    }
    answer.run();
  }

  private Runnable run(
      Target target, Exchange exchange, Cancellation cancellation, InferenceClock clock) {
    try (BufferPool.Lease memory = buffers.lease()) {
      InferenceRequest request = exchange.read(target.signature(), memory);
      clock.read();
      List<Tensor> results = target.run(request.inputs(), memory, cancellation);
      clock.computed();
      Runnable answer = exchange.answer(target, request, outputs(target, request, results));
      clock.written();
      statistics.of(target.version()).succeeded(rows(request), clock);
      metrics.succeeded(target.version(), target.endpoint(), exchange.protocol(), clock.received());
      return answer;
    }
  }

  private void fail(
      Target target, Exchange exchange, AlphornException failure, InferenceClock clock) {
    statistics.of(target.version()).failed(clock);
    metrics.failed(
        target.version(), target.endpoint(), exchange.protocol(), failure, clock.received());
    exchange.refuse(failure);
  }

  private static List<InferenceOutput> outputs(
      Target target, InferenceRequest request, List<Tensor> results) {
    return request.outputs().stream().map(output -> output(target, output, results)).toList();
  }

  private static InferenceOutput output(
      Target target, RequestedOutput requested, List<Tensor> results) {
    String name = target.outputs().get(requested.index()).name();
    Tensor result = results.get(requested.index());
    return new InferenceOutput(
        name,
        requested.classes() > 0 ? Classification.of(name, result, requested.classes()) : result,
        requested.binary());
  }

  private static long rows(InferenceRequest request) {
    List<Tensor> inputs = request.inputs();
    return inputs.isEmpty() || inputs.getFirst().rank() == 0 ? 1 : inputs.getFirst().shape()[0];
  }
}
