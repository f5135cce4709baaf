package io.alphorn.runtime;

import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.Stage;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A compiled model with its native sessions. Runs may come from many threads at once. The sessions
 * are closed when the model is, or else with the end of the last run or lease that is on by then.
 */
public final class LoadedModel implements AutoCloseable {
  /** A stage with what it needs to run. */
  private sealed interface Step {
    record Graph(OnnxStage stage) implements Step {}

    record Host(Stage.Host stage) implements Step {}
  }

  private final CompiledModel model;
  private final Map<Stage, Step> steps = new IdentityHashMap<>();
  private volatile Runnable whenClosed = () -> {};
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ReferenceCount users = new ReferenceCount();

  /** Loads with the default settings. */
  public LoadedModel(CompiledModel model) {
    this(model, RuntimeSettings.defaults());
  }

  /**
   * Makes the native sessions.
   *
   * @throws AlphornException INTERNAL when ONNX Runtime refuses the graph, RESOURCE_EXHAUSTED when
   *     there is no memory for it
   */
  public LoadedModel(CompiledModel model, RuntimeSettings settings) {
    this.model = model;
    boolean loaded = false;
    try {
      for (Stage stage : model.stages()) {
        steps.put(
            stage,
            switch (stage) {
              case Stage.OnnxGraph graph ->
                  new Step.Graph(OnnxStage.load(model.name(), graph, settings));
              case Stage.Host host -> new Step.Host(host);
            });
      }
      loaded = true;
    } finally {
      if (!loaded) {
        closeSessions();
      }
    }
  }

  public CompiledModel model() {
    return model;
  }

  /**
   * Keeps the sessions open until {@link #release}, whoever closes the model meanwhile.
   *
   * @return false when they are closed already
   */
  public boolean retain() {
    return users.retain();
  }

  /**
   * Ends what {@link #retain} began. Where that was the last use of a closed model, its sessions
   * are closed on a thread of their own: to give back much memory takes time, and this one has a
   * request to answer.
   */
  public void release() {
    if (users.release()) {
      Thread.ofVirtual().name("close-", 0).start(this::closeSessions);
    }
  }

  /** Runs the default endpoint on its inputs, in order, and gives its outputs, in order. */
  public List<Tensor> run(List<Tensor> inputs) {
    return run(model.defaultEndpoint(), inputs);
  }

  /** Runs an endpoint on its inputs, in order, and gives its outputs, in order. */
  public List<Tensor> run(CompiledEndpoint endpoint, List<Tensor> inputs) {
    return run(endpoint, inputs, BufferSource.FRESH, Cancellation.create());
  }

  /**
   * Runs the default endpoint, see {@link #run(CompiledEndpoint, List, BufferSource,
   * Cancellation)}.
   */
  public List<Tensor> run(List<Tensor> inputs, BufferSource memory, Cancellation cancellation) {
    return run(model.defaultEndpoint(), inputs, memory, cancellation);
  }

  /**
   * Runs one of the model's endpoints on its inputs, in order, and gives its outputs, in order.
   *
   * @param memory where the outputs are put whose shapes the inputs tell
   * @throws AlphornException INVALID_ARGUMENT when the inputs do not fit the signature or an
   *     operator refuses their values; RESOURCE_EXHAUSTED when memory does not suffice;
   *     DEADLINE_EXCEEDED or CANCELLED when {@code cancellation} ended it; UNAVAILABLE when the
   *     model is closed
   */
  public List<Tensor> run(
      CompiledEndpoint endpoint,
      List<Tensor> inputs,
      BufferSource memory,
      Cancellation cancellation) {
    Dimensions dimensions = Dimensions.of(endpoint.inputs(), inputs);
    cancellation.check();
    if (!retain()) {
      throw new AlphornException(
          ErrorCode.UNAVAILABLE, "model '%s' has been unloaded".formatted(model.name()));
    }
    try {
      return runStages(endpoint, new StagedRun(endpoint, inputs, dimensions, memory, cancellation));
    } finally {
      release();
    }
  }

  private List<Tensor> runStages(CompiledEndpoint endpoint, StagedRun run) {
    boolean watched = run.cancellation().hasDeadline();
    if (watched) {
      DeadlineWatch.SHARED.add(run.cancellation());
    }
    try {
      for (Stage stage : endpoint.stages()) {
        switch (Objects.requireNonNull(steps.get(stage))) {
          case Step.Graph(OnnxStage onnx) -> onnx.run(run);
          case Step.Host(Stage.Host host) -> runHost(host, run);
        }
      }
    } finally {
      if (watched) {
        DeadlineWatch.SHARED.remove(run.cancellation());
      }
    }
    return endpoint.results().stream().map(run::get).toList();
  }

  private static void runHost(Stage.Host host, StagedRun run) {
    run.cancellation().check();
    List<Tensor> inputs = new ArrayList<>();
    for (Value input : host.node().inputs()) {
      inputs.add(
          host.constants().containsKey(input)
              ? host.constants().get(input).read()
              : run.get(input));
    }
    List<Tensor> outputs = host.function().apply(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      run.put(host.outputs().get(i), outputs.get(i));
    }
  }

  /** Closes the model, see {@link #close(Runnable)}. */
  @Override
  public void close() {
    close(() -> {});
  }

  /**
   * Takes no more runs, and closes the sessions as soon as no run and no lease is on. Closing again
   * does nothing.
   *
   * @param whenDone runs when the sessions are closed, on this or another thread
   */
  public void close(Runnable whenDone) {
    if (closed.getAndSet(true)) {
      return;
    }
    whenClosed = whenDone;
    if (users.release()) {
      closeSessions();
    }
  }

  private void closeSessions() {
    for (Step step : steps.values()) {
      if (step instanceof Step.Graph(OnnxStage stage)) {
        stage.close();
      }
    }
    whenClosed.run();
  }
}
