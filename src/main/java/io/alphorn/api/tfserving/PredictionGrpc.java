package io.alphorn.api.tfserving;

import com.google.protobuf.Any;
import com.google.protobuf.Int64Value;
import com.google.protobuf.MessageLite;
import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.TensorProtoCodec;
import io.alphorn.api.tfserving.ServingMetrics.Entrypoint;
import io.alphorn.api.tfserving.proto.ClassificationRequest;
import io.alphorn.api.tfserving.proto.ClassificationResponse;
import io.alphorn.api.tfserving.proto.GetModelMetadataRequest;
import io.alphorn.api.tfserving.proto.GetModelMetadataResponse;
import io.alphorn.api.tfserving.proto.InferenceResult;
import io.alphorn.api.tfserving.proto.InferenceTask;
import io.alphorn.api.tfserving.proto.ModelSpec;
import io.alphorn.api.tfserving.proto.MultiInferenceRequest;
import io.alphorn.api.tfserving.proto.MultiInferenceResponse;
import io.alphorn.api.tfserving.proto.PredictRequest;
import io.alphorn.api.tfserving.proto.PredictResponse;
import io.alphorn.api.tfserving.proto.PredictionServiceGrpc;
import io.alphorn.api.tfserving.proto.RegressionRequest;
import io.alphorn.api.tfserving.proto.RegressionResponse;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.registry.VersionChoice;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@code tensorflow.serving.PredictionService}. */
@GrpcService
public class PredictionGrpc extends PredictionServiceGrpc.PredictionServiceImplBase {
  private static final String PROTOCOL = "tfserving-grpc";
  private static final String SIGNATURE_DEF = "signature_def";

  private final ModelRegistry registry;
  private final Workers workers;
  private final RequestMetrics metrics;
  private final ServingMetrics servingMetrics;
  private final ApiSettings settings;
  private final ExampleCalls examples;

  PredictionGrpc(
      ModelRegistry registry,
      Workers workers,
      RequestMetrics metrics,
      ServingMetrics servingMetrics,
      ApiSettings settings,
      ExampleCalls examples) {
    this.registry = registry;
    this.workers = workers;
    this.metrics = metrics;
    this.servingMetrics = servingMetrics;
    this.settings = settings;
    this.examples = examples;
  }

  /** What answers a request that has found its model. */
  @FunctionalInterface
  private interface Answer<T> {
    T from(ServedVersion version, Cancellation cancellation);
  }

  @Override
  public void predict(PredictRequest request, StreamObserver<PredictResponse> observer) {
    answer(
        request,
        new Call("Predict", request.hasModelSpec(), request.getModelSpec()),
        (version, cancellation) -> predict(request, version, cancellation),
        observer);
  }

  @Override
  public void classify(
      ClassificationRequest request, StreamObserver<ClassificationResponse> observer) {
    ModelSpec spec = request.getModelSpec();
    answer(
        request,
        new Call("Classify", request.hasModelSpec(), spec),
        (version, cancellation) ->
            ClassificationResponse.newBuilder()
                .setResult(
                    examples.classify(
                        version, spec.getSignatureName(), request.getInput(), cancellation))
                .setModelSpec(effective(version, spec))
                .build(),
        observer);
  }

  @Override
  public void regress(RegressionRequest request, StreamObserver<RegressionResponse> observer) {
    ModelSpec spec = request.getModelSpec();
    answer(
        request,
        new Call("Regress", request.hasModelSpec(), spec),
        (version, cancellation) ->
            RegressionResponse.newBuilder()
                .setResult(
                    examples.regress(
                        version, spec.getSignatureName(), request.getInput(), cancellation))
                .setModelSpec(effective(version, spec))
                .build(),
        observer);
  }

  @Override
  public void multiInference(
      MultiInferenceRequest request, StreamObserver<MultiInferenceResponse> observer) {
    ModelSpec spec =
        request.getTasksCount() == 0
            ? ModelSpec.getDefaultInstance()
            : request.getTasks(0).getModelSpec();
    answer(
        request,
        new Call("MultiInference", true, spec),
        (version, cancellation) -> multiInference(request, version, cancellation),
        observer);
  }

  private MultiInferenceResponse multiInference(
      MultiInferenceRequest request, ServedVersion version, Cancellation cancellation) {
    requireOneModel(request);
    List<InferenceResult> results = examples.infer(version, request, cancellation);
    MultiInferenceResponse.Builder response = MultiInferenceResponse.newBuilder();
    for (int i = 0; i < results.size(); i++) {
      response.addResults(
          results.get(i).toBuilder()
              .setModelSpec(effective(version, request.getTasks(i).getModelSpec())));
    }
    return response.build();
  }

  /** In the words of TensorFlow Serving's {@code multi_inference.cc}. */
  private static void requireOneModel(MultiInferenceRequest request) {
    Set<String> models = new HashSet<>();
    for (InferenceTask task : request.getTasksList()) {
      models.add(task.getModelSpec().getName());
    }
    if (models.contains("")) {
      throw AlphornException.invalidArgument("Found ModelSpec with an empty model name.");
    }
    if (models.size() > 1) {
      throw AlphornException.invalidArgument(
          "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    }
  }

  /**
   * A request on its way.
   *
   * @param api as metrics call it
   * @param hasSpec whether the client said which model
   */
  private record Call(String api, boolean hasSpec, ModelSpec spec, long start) {
    Call(String api, boolean hasSpec, ModelSpec spec) {
      this(api, hasSpec, spec, System.nanoTime());
    }
  }

  private <T> void answer(
      MessageLite request, Call call, Answer<T> answer, StreamObserver<T> observer) {
    Lease lease;
    try {
      requireSpec(call.hasSpec());
      lease = lease(call.spec());
    } catch (AlphornException e) {
      metrics.failed(PROTOCOL, e, call.start());
      servingMetrics.failed("", e);
      observer.onError(GrpcCalls.error(e));
      return;
    }
    Cancellation cancellation = GrpcCalls.cancellation(observer);
    try {
      workers.execute(
          lease.version(),
          request.getSerializedSize(),
          () -> answer(call, lease, answer, cancellation, observer));
    } catch (AlphornException e) {
      fail(call, lease.version(), e, observer);
      lease.close();
    }
  }

  private <T> void answer(
      Call call,
      Lease lease,
      Answer<T> answer,
      Cancellation cancellation,
      StreamObserver<T> observer) {
    ServedVersion version = lease.version();
    try (lease) {
      T response = answer.from(version, cancellation);
      metrics.succeeded(version, call.spec().getSignatureName(), PROTOCOL, call.start());
      servingMetrics.succeeded(version.model(), call.api(), Entrypoint.GRPC, call.start());
      observer.onNext(response);
      observer.onCompleted();
    } catch (RuntimeException e) {
      fail(call, version, Failures.internal(e), observer);
    }
  }

  private void fail(
      Call call, ServedVersion version, AlphornException failure, StreamObserver<?> observer) {
    metrics.failed(version, call.spec().getSignatureName(), PROTOCOL, failure, call.start());
    servingMetrics.failed(version.model(), failure);
    observer.onError(GrpcCalls.error(failure));
  }

  private static void requireSpec(boolean given) {
    if (!given) {
      throw AlphornException.invalidArgument("Missing ModelSpec");
    }
  }

  private Lease lease(ModelSpec spec) {
    if (spec.getName().isEmpty()) {
      throw AlphornException.invalidArgument("ModelSpec has no name specified.");
    }
    return DefaultVersion.lease(registry, spec.getName(), choice(spec));
  }

  private static VersionChoice choice(ModelSpec spec) {
    return switch (spec.getVersionChoiceCase()) {
      case VERSION -> VersionChoice.of(Optional.of(spec.getVersion().getValue()));
      case VERSION_LABEL -> VersionChoice.labelled(spec.getVersionLabel());
      case VERSIONCHOICE_NOT_SET -> VersionChoice.of(Optional.empty());
    };
  }

  private PredictResponse predict(
      PredictRequest request, ServedVersion version, Cancellation cancellation) {
    String signature = request.getModelSpec().getSignatureName();
    CompiledEndpoint endpoint =
        version
            .endpoint(signature)
            .orElseThrow(
                () ->
                    AlphornException.failedPrecondition(
                        "Serving signature key \"%s\" not found.", signature));
    List<Tensor> inputs = decode(request, endpoint.inputs());
    long start = System.nanoTime();
    List<Tensor> outputs = version.loaded().run(endpoint, inputs, BufferSource.FRESH, cancellation);
    servingMetrics.ran(version.model(), "Predict", start);
    return respond(request, version, endpoint.outputs(), outputs);
  }

  private List<Tensor> decode(PredictRequest request, List<TensorSpec> specs) {
    requireNames(request, specs);
    List<Tensor> inputs = new ArrayList<>();
    for (TensorSpec spec : specs) {
      inputs.add(
          TensorProtoCodec.decode(
              request.getInputsOrThrow(spec.name()), spec.name(), settings.maxTensorElements()));
    }
    return inputs;
  }

  /** In the words of TensorFlow Serving's {@code predict_util.cc}. */
  private static void requireNames(PredictRequest request, List<TensorSpec> specs) {
    TreeSet<String> expected = new TreeSet<>(specs.stream().map(TensorSpec::name).toList());
    TreeSet<String> sent = new TreeSet<>(request.getInputsMap().keySet());
    if (expected.equals(sent)) {
      return;
    }
    TreeSet<String> extra = new TreeSet<>(sent);
    extra.removeAll(expected);
    TreeSet<String> missing = new TreeSet<>(expected);
    missing.removeAll(sent);
    throw AlphornException.invalidArgument(
        "input size does not match signature: %d!=%d len({%s}) != len({%s}). Sent extra: {%s}."
            + " Missing but required: {%s}.",
        sent.size(),
        expected.size(),
        String.join(",", sent),
        String.join(",", expected),
        String.join(",", extra),
        String.join(",", missing));
  }

  private static PredictResponse respond(
      PredictRequest request, ServedVersion version, List<TensorSpec> specs, List<Tensor> outputs) {
    List<String> names = specs.stream().map(TensorSpec::name).toList();
    List<String> filter = request.getOutputFilterList();
    for (String wanted : filter) {
      if (!names.contains(wanted)) {
        throw AlphornException.invalidArgument(
            "output tensor alias not found in signature: %s Outputs expected to be in the set"
                + " {%s}.",
            wanted, String.join(",", new TreeSet<>(names)));
      }
    }
    PredictResponse.Builder response = PredictResponse.newBuilder();
    for (int i = 0; i < specs.size(); i++) {
      if (filter.isEmpty() || filter.contains(names.get(i))) {
        response.putOutputs(names.get(i), TensorProtoCodec.encode(outputs.get(i)));
      }
    }
    return response.setModelSpec(effective(version, request.getModelSpec())).build();
  }

  /** The model, version and signature that answered. */
  private static ModelSpec effective(ServedVersion version, ModelSpec asked) {
    String signature = asked.getSignatureName();
    return spec(version)
        .setSignatureName(signature.isEmpty() ? CompiledModel.DEFAULT : signature)
        .build();
  }

  private static ModelSpec.Builder spec(ServedVersion version) {
    return ModelSpec.newBuilder()
        .setName(version.model())
        .setVersion(Int64Value.of(version.version()));
  }

  @Override
  public void getModelMetadata(
      GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> observer) {
    try {
      requireSpec(request.hasModelSpec());
      requireFields(request);
      try (Lease lease = lease(request.getModelSpec())) {
        observer.onNext(metadata(lease.version()));
      }
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  private static void requireFields(GetModelMetadataRequest request) {
    List<String> fields = request.getMetadataFieldList();
    if (fields.isEmpty()) {
      throw AlphornException.invalidArgument(
          "GetModelMetadataRequest must specify at least one metadata_field");
    }
    for (String field : fields) {
      if (!field.equals(SIGNATURE_DEF)) {
        throw AlphornException.invalidArgument("Metadata field %s is not supported", field);
      }
    }
  }

  private static GetModelMetadataResponse metadata(ServedVersion version) {
    return GetModelMetadataResponse.newBuilder()
        .setModelSpec(spec(version))
        .putAllMetadata(Map.of(SIGNATURE_DEF, Any.pack(Signatures.of(version))))
        .build();
  }
}
