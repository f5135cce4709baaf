package io.alphorn.api.tfserving;

import io.alphorn.api.ApiSettings;
import io.alphorn.api.codec.ExampleTensors;
import io.alphorn.api.tfserving.proto.ClassificationResult;
import io.alphorn.api.tfserving.proto.InferenceResult;
import io.alphorn.api.tfserving.proto.InferenceTask;
import io.alphorn.api.tfserving.proto.Input;
import io.alphorn.api.tfserving.proto.MultiInferenceRequest;
import io.alphorn.api.tfserving.proto.RegressionResult;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ServedVersion;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Classifies and regresses examples, over REST and gRPC: features become inputs by their names. */
@ApplicationScoped
class ExampleCalls {
  private static final String CLASSIFY = "tensorflow/serving/classify";
  private static final String REGRESS = "tensorflow/serving/regress";

  private final ApiSettings settings;
  private final ServingMetrics metrics;

  ExampleCalls(ApiSettings settings, ServingMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  /**
   * The classes of each example.
   *
   * @param signature the endpoint, "" for the default one
   * @throws AlphornException INVALID_ARGUMENT when the endpoint is no classifier, or the features
   *     do not fit its inputs
   */
  ClassificationResult classify(
      ServedVersion version, String signature, Input input, Cancellation cancellation) {
    return classify(version, endpoint(version, signature), input, cancellation);
  }

  private ClassificationResult classify(
      ServedVersion version, CompiledEndpoint endpoint, Input input, Cancellation cancellation) {
    Classifier classifier = new Classifier(endpoint);
    List<Tensor> outputs = run(version, endpoint, "Classify", input, cancellation);
    return classifier.result(outputs, ExampleTensors.count(input));
  }

  /**
   * The number of each example.
   *
   * @param signature the endpoint, "" for the default one
   * @throws AlphornException INVALID_ARGUMENT when the endpoint does not give one, or the features
   *     do not fit its inputs
   */
  RegressionResult regress(
      ServedVersion version, String signature, Input input, Cancellation cancellation) {
    return regress(version, endpoint(version, signature), input, cancellation);
  }

  private RegressionResult regress(
      ServedVersion version, CompiledEndpoint endpoint, Input input, Cancellation cancellation) {
    Regressor.requireFitting(endpoint);
    List<Tensor> outputs = run(version, endpoint, "Regress", input, cancellation);
    return Regressor.result(outputs, ExampleTensors.count(input));
  }

  /**
   * The results of several tasks over the same examples, in order.
   *
   * @throws AlphornException as {@link #classify} and {@link #regress} have it; UNIMPLEMENTED for
   *     another method
   */
  List<InferenceResult> infer(
      ServedVersion version, MultiInferenceRequest request, Cancellation cancellation) {
    List<CompiledEndpoint> endpoints = endpoints(version, request);
    List<InferenceResult> results = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      CompiledEndpoint endpoint = endpoints.get(i);
      InferenceResult.Builder result = InferenceResult.newBuilder();
      if (request.getTasks(i).getMethodName().equals(CLASSIFY)) {
        result.setClassificationResult(
            classify(version, endpoint, request.getInput(), cancellation));
      } else {
        result.setRegressionResult(regress(version, endpoint, request.getInput(), cancellation));
      }
      results.add(result.build());
    }
    metrics.examples(version.model(), ExampleTensors.count(request.getInput()));
    return results;
  }

  /** In the words of TensorFlow Serving's {@code multi_inference.cc}. */
  private static List<CompiledEndpoint> endpoints(
      ServedVersion version, MultiInferenceRequest request) {
    Set<String> seen = new HashSet<>();
    List<CompiledEndpoint> endpoints = new ArrayList<>();
    for (InferenceTask task : request.getTasksList()) {
      String name = named(task.getModelSpec().getSignatureName());
      if (!seen.add(name)) {
        throw AlphornException.invalidArgument("Duplicate evaluation of signature: %s", name);
      }
      CompiledEndpoint endpoint =
          version
              .endpoint(name)
              .orElseThrow(
                  () ->
                      AlphornException.invalidArgument(
                          "Requested signature not found in model graph: %s", name));
      switch (task.getMethodName()) {
        case CLASSIFY -> new Classifier(endpoint);
        case REGRESS -> Regressor.requireFitting(endpoint);
        default ->
            throw AlphornException.unimplemented(
                "Unsupported signature method_name: %s", task.getMethodName());
      }
      endpoints.add(endpoint);
    }
    return endpoints;
  }

  private static CompiledEndpoint endpoint(ServedVersion version, String signature) {
    return version
        .endpoint(signature)
        .orElseThrow(
            () ->
                AlphornException.invalidArgument(
                    "No signature was found with the name: %s", named(signature)));
  }

  private static String named(String signature) {
    return signature.isEmpty() ? CompiledModel.DEFAULT : signature;
  }

  private List<Tensor> run(
      ServedVersion version,
      CompiledEndpoint endpoint,
      String api,
      Input input,
      Cancellation cancellation) {
    List<Tensor> inputs =
        ExampleTensors.read(input, endpoint.inputs(), settings.maxTensorElements());
    long start = System.nanoTime();
    List<Tensor> outputs = version.loaded().run(endpoint, inputs, BufferSource.FRESH, cancellation);
    metrics.ran(version.model(), api, start);
    return outputs;
  }
}
