package io.alphorn.api.tfserving;

import com.google.protobuf.Any;
import com.google.protobuf.Int64Value;
import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.TensorProtoCodec;
import io.alphorn.api.tfserving.proto.GetModelMetadataRequest;
import io.alphorn.api.tfserving.proto.GetModelMetadataResponse;
import io.alphorn.api.tfserving.proto.ModelSpec;
import io.alphorn.api.tfserving.proto.PredictRequest;
import io.alphorn.api.tfserving.proto.PredictResponse;
import io.alphorn.api.tfserving.proto.PredictionServiceGrpc;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * {@code tensorflow.serving.PredictionService}. Classify, Regress and MultiInference need
 * signatures over {@code tf.Example}, which no Keras export has; they answer UNIMPLEMENTED.
 */
@GrpcService
public class PredictionGrpc extends PredictionServiceGrpc.PredictionServiceImplBase {
  private static final String PROTOCOL = "tfserving-grpc";
  private static final String SIGNATURE_DEF = "signature_def";

  private final ModelRegistry registry;
  private final Workers workers;
  private final RequestMetrics metrics;
  private final ApiSettings settings;

  PredictionGrpc(
      ModelRegistry registry, Workers workers, RequestMetrics metrics, ApiSettings settings) {
    this.registry = registry;
    this.workers = workers;
    this.metrics = metrics;
    this.settings = settings;
  }

  @Override
  public void predict(PredictRequest request, StreamObserver<PredictResponse> observer) {
    long start = System.nanoTime();
    Lease lease;
    try {
      lease = lease(request.getModelSpec());
    } catch (AlphornException e) {
      metrics.failed(PROTOCOL, e, start);
      observer.onError(GrpcCalls.error(e));
      return;
    }
    Cancellation cancellation = GrpcCalls.cancellation(observer);
    Runnable task = () -> predict(request, lease, cancellation, start, observer);
    try {
      workers.execute(lease.version(), request.getSerializedSize(), task);
    } catch (AlphornException e) {
      lease.close();
      metrics.failed(PROTOCOL, e, start);
      observer.onError(GrpcCalls.error(e));
    }
  }

  private void predict(
      PredictRequest request,
      Lease lease,
      Cancellation cancellation,
      long start,
      StreamObserver<PredictResponse> observer) {
    ServedVersion version = lease.version();
    String signature = request.getModelSpec().getSignatureName();
    try (lease) {
      PredictResponse response = predict(request, version, cancellation);
      metrics.succeeded(version, signature, PROTOCOL, start);
      observer.onNext(response);
      observer.onCompleted();
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(version, signature, PROTOCOL, failure, start);
      observer.onError(GrpcCalls.error(failure));
    }
  }

  private Lease lease(ModelSpec spec) {
    if (spec.getName().isEmpty()) {
      throw AlphornException.invalidArgument("ModelSpec has no name specified.");
    }
    if (!spec.getVersionLabel().isEmpty()) {
      throw AlphornException.invalidArgument(
          "Unrecognized servable version label: %s", spec.getVersionLabel());
    }
    return registry.lease(spec.getName(), version(spec));
  }

  private static Optional<Long> version(ModelSpec spec) {
    return spec.hasVersion() ? Optional.of(spec.getVersion().getValue()) : Optional.empty();
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
    List<Tensor> outputs = version.loaded().run(endpoint, inputs, BufferSource.FRESH, cancellation);
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
    String signature = request.getModelSpec().getSignatureName();
    return response
        .setModelSpec(
            spec(version).setSignatureName(signature.isEmpty() ? "serving_default" : signature))
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
    try (Lease lease = lease(request.getModelSpec())) {
      observer.onNext(metadata(request, lease.version()));
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  private static GetModelMetadataResponse metadata(
      GetModelMetadataRequest request, ServedVersion version) {
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
    return GetModelMetadataResponse.newBuilder()
        .setModelSpec(spec(version))
        .putAllMetadata(Map.of(SIGNATURE_DEF, Any.pack(Signatures.of(version))))
        .build();
  }
}
