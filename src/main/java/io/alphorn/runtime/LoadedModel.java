package io.alphorn.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.Stage;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.onnx.OnnxModel;
import io.alphorn.compiler.onnx.OnnxWriter;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A compiled model with its native sessions. Runs may come from many threads at once. */
public final class LoadedModel implements AutoCloseable {
  /** A stage with what it needs to run. */
  private record Prepared(Stage stage, List<OrtSession> session) {}

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final CompiledModel model;
  private final List<Prepared> stages = new ArrayList<>();

  public LoadedModel(CompiledModel model) {
    this.model = model;
    try {
      for (Stage stage : model.stages()) {
        stages.add(
            stage instanceof Stage.OnnxGraph graph
                ? new Prepared(stage, List.of(session(graph)))
                : new Prepared(stage, List.of()));
      }
    } catch (OrtException e) {
      close();
      throw new AlphornException(
          ErrorCode.INTERNAL, "model '%s' does not load: %s".formatted(model.name(), e), e);
    }
  }

  private OrtSession session(Stage.OnnxGraph stage) throws OrtException {
    OnnxModel onnx = OnnxWriter.writeMapped(stage.graph(), model.name());
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      // By default ONNX Runtime rounds the activations that meet quantized weights to 8 bits.
      options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
      if (onnx.externalData().isPresent()) {
        options.addConfigEntry(
            "session.model_external_initializers_file_folder_path",
            onnx.externalData().get().toString());
      }
      return environment.createSession(onnx.bytes(), options);
    }
  }

  public CompiledModel model() {
    return model;
  }

  /** Runs the model on its inputs, in order, and gives its outputs, in order. */
  public List<Tensor> run(List<Tensor> inputs) {
    Map<String, Tensor> values = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      values.put(model.graph().inputs().get(i).name(), inputs.get(i));
    }
    for (Prepared stage : stages) {
      run(stage, values);
    }
    List<Tensor> outputs = new ArrayList<>();
    for (Value output : model.graph().outputs()) {
      outputs.add(value(values, output));
    }
    return outputs;
  }

  private void run(Prepared prepared, Map<String, Tensor> values) {
    switch (prepared.stage()) {
      case Stage.Host host -> runHost(host, values);
      case Stage.OnnxGraph graph -> runGraph(graph, prepared.session().getFirst(), values);
    }
  }

  private static void runHost(Stage.Host host, Map<String, Tensor> values) {
    List<Tensor> inputs = new ArrayList<>();
    for (Value input : host.node().inputs()) {
      inputs.add(
          host.constants().containsKey(input)
              ? host.constants().get(input).read()
              : value(values, input));
    }
    List<Tensor> outputs = host.function().apply(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      values.put(host.outputs().get(i).name(), outputs.get(i));
    }
  }

  private void runGraph(Stage.OnnxGraph stage, OrtSession session, Map<String, Tensor> values) {
    Map<String, OnnxTensorLike> inputs = new LinkedHashMap<>();
    try {
      for (Value input : stage.inputs()) {
        inputs.put(input.name(), TensorTransfer.toOnnx(environment, value(values, input)));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (Value output : stage.outputs()) {
          OnnxTensor tensor = (OnnxTensor) result.get(output.name()).orElseThrow();
          values.put(output.name(), TensorTransfer.fromOnnx(tensor, output.dtype()));
        }
      }
    } catch (OrtException e) {
      throw new AlphornException(
          ErrorCode.INTERNAL, "model '%s' failed: %s".formatted(model.name(), e.getMessage()), e);
    } finally {
      inputs.values().forEach(OnnxTensorLike::close);
    }
  }

  private static Tensor value(Map<String, Tensor> values, Value wanted) {
    return Objects.requireNonNull(values.get(wanted.name()), wanted.name());
  }

  @Override
  public void close() {
    for (Prepared stage : stages) {
      for (OrtSession session : stage.session()) {
        try {
          session.close();
        } catch (OrtException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
