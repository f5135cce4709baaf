package io.alphorn.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import io.alphorn.compiler.Stage;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.onnx.OnnxModel;
import io.alphorn.compiler.onnx.OnnxWriter;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One graph in an ONNX Runtime session. Whoever runs it sees to it that it is not closed meanwhile:
 * that would end the process.
 */
final class OnnxStage implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OnnxStage.class.getName());

  private final String model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<Value> inputs;
  private final List<Value> outputs;

  /** What the inputs and outputs are called in the session. */
  private final List<String> inputNames;

  private final List<String> outputNames;

  /** Cleared when a shape that the compiler declared turns out to be another. */
  private volatile boolean pinning = true;

  private OnnxStage(
      String model,
      OrtEnvironment environment,
      OrtSession session,
      Stage.OnnxGraph stage,
      Graph graph) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.inputs = stage.inputs();
    this.outputs = stage.outputs();
    this.inputNames = graph.inputs().stream().map(Value::name).toList();
    this.outputNames = graph.outputs().stream().map(Value::name).toList();
  }

  static OnnxStage load(String model, Stage.OnnxGraph stage, RuntimeSettings settings) {
    Graph graph = SignedEdges.of(stage.graph());
    OnnxModel onnx = OnnxWriter.writeMapped(graph, model);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OrtEnvironment environment = NativeEnvironment.get(settings.threads());
      options.disablePerSessionThreads();
      // By default ONNX Runtime rounds the activations that meet quantized weights to 8 bits.
      options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
      if (settings.weights() == RuntimeSettings.Weights.MAPPED) {
        options.addConfigEntry("session.disable_prepacking", "1");
      }
      if (onnx.externalData().isPresent()) {
        options.addConfigEntry(
            "session.model_external_initializers_file_folder_path",
            onnx.externalData().get().toString());
      }
      OrtSession session = environment.createSession(onnx.bytes(), options);
      return new OnnxStage(model, environment, session, stage, graph);
    } catch (OrtException e) {
      throw OnnxFailures.loading(model, e);
    }
  }

  /** Takes the stage's inputs from {@code run} and gives it the outputs. */
  void run(StagedRun run) {
    Cancellation cancellation = run.cancellation();
    try (NativeTensors natives = new NativeTensors(environment);
        RunOptions options = new RunOptions()) {
      Map<String, OnnxTensor> arguments = new LinkedHashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        arguments.put(inputNames.get(i), natives.of(run.get(inputs.get(i))));
      }
      cancellation.attach(options);
      try {
        run(run, arguments, natives, options);
      } finally {
        cancellation.detach();
      }
    } catch (OrtException e) {
      AlphornException ended = cancellation.reason();
      throw ended == null ? OnnxFailures.running(model, e) : ended;
    }
  }

  private void run(
      StagedRun run, Map<String, OnnxTensor> arguments, NativeTensors natives, RunOptions options)
      throws OrtException {
    Map<Integer, Tensor> places = pinning ? places(run) : Map.of();
    if (places.isEmpty()) {
      invoke(run, arguments, places, natives, options);
      return;
    }
    try {
      invoke(run, arguments, places, natives, options);
    } catch (OrtException e) {
      if (run.cancellation().reason() != null) {
        throw e;
      }
      // Either the run fails in any case, or only a declared shape was wrong.
      invoke(run, arguments, Map.of(), natives, options);
      pinning = false;
      LOG.log(
          System.Logger.Level.WARNING,
          "model ''{0}'': outputs are copied from now on, for a shape is not as compiled: {1}",
          model,
          OnnxFailures.text(e));
    }
  }

  /** Memory for those outputs, by index, whose shapes the run's inputs tell. */
  private Map<Integer, Tensor> places(StagedRun run) {
    Map<Integer, Tensor> places = new HashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      long[] shape = output.dtype() == DType.STRING ? null : run.resolve(output.shape());
      if (shape != null) {
        places.put(i, run.allocate(output.dtype(), shape));
      }
    }
    return places;
  }

  private void invoke(
      StagedRun run,
      Map<String, OnnxTensor> arguments,
      Map<Integer, Tensor> places,
      NativeTensors natives,
      RunOptions options)
      throws OrtException {
    Map<String, OnnxTensor> pinned = new HashMap<>();
    for (Map.Entry<Integer, Tensor> place : places.entrySet()) {
      pinned.put(outputNames.get(place.getKey()), natives.of(place.getValue()));
    }
    Set<String> free = new HashSet<>(outputNames);
    free.removeAll(pinned.keySet());
    try (OrtSession.Result result = session.run(arguments, free, pinned, options)) {
      for (int i = 0; i < outputs.size(); i++) {
        Value output = outputs.get(i);
        Tensor placed = places.get(i);
        run.put(
            output,
            placed != null
                ? placed
                : TensorTransfer.fromOnnx(
                    (OnnxTensor) result.get(outputNames.get(i)).orElseThrow(), output.dtype()));
      }
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("model '%s' could not be closed".formatted(model), e);
    }
  }
}
