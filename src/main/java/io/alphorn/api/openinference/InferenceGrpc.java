package io.alphorn.api.openinference;

import com.google.protobuf.ByteString;
import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.codec.BinaryTensors;
import io.alphorn.api.codec.InferTensorCodec;
import io.alphorn.api.codec.InferenceDatatypes;
import io.alphorn.api.codec.InferenceInputs;
import io.alphorn.api.codec.InferenceOutput;
import io.alphorn.api.codec.InferenceRequest;
import io.alphorn.api.codec.InferenceSignature;
import io.alphorn.api.codec.JsonLimits;
import io.alphorn.api.codec.RequestedOutput;
import io.alphorn.api.openinference.proto.GRPCInferenceServiceGrpc;
import io.alphorn.api.openinference.proto.InferParameter;
import io.alphorn.api.openinference.proto.ModelConfigRequest;
import io.alphorn.api.openinference.proto.ModelConfigResponse;
import io.alphorn.api.openinference.proto.ModelInferRequest;
import io.alphorn.api.openinference.proto.ModelInferRequest.InferInputTensor;
import io.alphorn.api.openinference.proto.ModelInferResponse;
import io.alphorn.api.openinference.proto.ModelInferResponse.InferOutputTensor;
import io.alphorn.api.openinference.proto.ModelMetadataRequest;
import io.alphorn.api.openinference.proto.ModelMetadataResponse;
import io.alphorn.api.openinference.proto.ModelReadyRequest;
import io.alphorn.api.openinference.proto.ModelReadyResponse;
import io.alphorn.api.openinference.proto.ModelRepositoryParameter;
import io.alphorn.api.openinference.proto.ModelStatisticsRequest;
import io.alphorn.api.openinference.proto.ModelStatisticsResponse;
import io.alphorn.api.openinference.proto.ModelStreamInferResponse;
import io.alphorn.api.openinference.proto.RepositoryIndexRequest;
import io.alphorn.api.openinference.proto.RepositoryIndexResponse;
import io.alphorn.api.openinference.proto.RepositoryModelLoadRequest;
import io.alphorn.api.openinference.proto.RepositoryModelLoadResponse;
import io.alphorn.api.openinference.proto.RepositoryModelUnloadRequest;
import io.alphorn.api.openinference.proto.RepositoryModelUnloadResponse;
import io.alphorn.api.openinference.proto.ServerLiveRequest;
import io.alphorn.api.openinference.proto.ServerLiveResponse;
import io.alphorn.api.openinference.proto.ServerMetadataRequest;
import io.alphorn.api.openinference.proto.ServerMetadataResponse;
import io.alphorn.api.openinference.proto.ServerReadyRequest;
import io.alphorn.api.openinference.proto.ServerReadyResponse;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code inference.GRPCInferenceService}. Answers carry their tensors in {@code
 * raw_output_contents}, as Triton's do, whichever way the request's came. Shared memory, tracing
 * and logging are UNIMPLEMENTED.
 */
@GrpcService
public class InferenceGrpc extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private static final String PROTOCOL = "openinference-grpc";
  private static final String FINAL_RESPONSE = "triton_final_response";

  private final Models models;
  private final Repository repository;
  private final Inferences inferences;
  private final JsonLimits limits;

  InferenceGrpc(Models models, Repository repository, Inferences inferences, ApiSettings settings) {
    this.models = models;
    this.repository = repository;
    this.inferences = inferences;
    this.limits = new JsonLimits(settings.maxJsonDepth(), settings.maxTensorElements());
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    answer(observer, () -> ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(
      ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    answer(observer, () -> ServerReadyResponse.newBuilder().setReady(models.isReady()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    answer(
        observer,
        () ->
            ModelReadyResponse.newBuilder()
                .setReady(models.isReady(request.getName(), request.getVersion()))
                .build());
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    answer(observer, () -> Messages.server(models.server()));
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    answer(
        observer,
        () -> Messages.metadata(models.metadata(request.getName(), request.getVersion())));
  }

  @Override
  public void modelConfig(
      ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
    answer(
        observer,
        () ->
            Messages.configuration(models.configuration(request.getName(), request.getVersion())));
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
    answer(
        observer,
        () -> Messages.statistics(models.statistics(request.getName(), request.getVersion())));
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    answer(
        observer,
        () -> {
          refuseRepositoryName(request.getRepositoryName());
          return Messages.index(repository.index(request.getReady()));
        });
  }

  @Override
  @Blocking
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
    answer(
        observer,
        () -> {
          refuseRepositoryName(request.getRepositoryName());
          repository.load(
              request.getModelName(),
              request.containsParameters(Repository.CONFIGURATION),
              files(request.getParametersMap()));
          return RepositoryModelLoadResponse.getDefaultInstance();
        });
  }

  private static SortedMap<String, Supplier<InputStream>> files(
      Map<String, ModelRepositoryParameter> parameters) {
    SortedMap<String, Supplier<InputStream>> files = new TreeMap<>();
    parameters.forEach(
        (name, parameter) -> {
          if (name.startsWith(Repository.FILE_PREFIX)) {
            files.put(name, () -> parameter.getBytesParam().newInput());
          }
        });
    return files;
  }

  @Override
  @Blocking
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request,
      StreamObserver<RepositoryModelUnloadResponse> observer) {
    answer(
        observer,
        () -> {
          refuseRepositoryName(request.getRepositoryName());
          repository.unload(request.getModelName());
          return RepositoryModelUnloadResponse.getDefaultInstance();
        });
  }

  private static void refuseRepositoryName(String name) {
    if (!name.isEmpty()) {
      throw AlphornException.unimplemented("'repository_name' specification is not supported");
    }
  }

  private static <T> void answer(StreamObserver<T> observer, Supplier<T> answer) {
    try {
      observer.onNext(answer.get());
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    Cancellation cancellation = GrpcCalls.cancellation(observer);
    infer(
        request,
        cancellation,
        response -> {
          observer.onNext(response.build());
          observer.onCompleted();
        },
        failure -> observer.onError(GrpcCalls.error(failure)));
  }

  /**
   * Answers requests in their order, one at a time: the next one is read from the connection when
   * the last is answered. A request that fails is answered with its error; the stream goes on.
   */
  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> observer) {
    Cancellation cancellation = GrpcCalls.cancellation(observer);
    ServerCallStreamObserver<ModelStreamInferResponse> call =
        (ServerCallStreamObserver<ModelStreamInferResponse>) observer;
    call.disableAutoRequest();
    call.request(1);
    return new InferenceStream(this, call, cancellation);
  }

  /** Answers one request of a stream. */
  void inferInStream(
      ModelInferRequest request,
      Cancellation cancellation,
      Consumer<ModelStreamInferResponse> receiver) {
    infer(
        request,
        cancellation,
        response ->
            receiver.accept(
                ModelStreamInferResponse.newBuilder()
                    .setInferResponse(
                        response.putParameters(
                            FINAL_RESPONSE, InferParameter.newBuilder().setBoolParam(true).build()))
                    .build()),
        failure ->
            receiver.accept(
                ModelStreamInferResponse.newBuilder()
                    .setErrorMessage(failure.getMessage())
                    .setInferResponse(ModelInferResponse.newBuilder().setId(request.getId()))
                    .build()));
  }

  private void infer(
      ModelInferRequest request,
      Cancellation cancellation,
      Consumer<ModelInferResponse.Builder> answered,
      Consumer<AlphornException> failed) {
    inferences.infer(
        request.getModelName(),
        request.getModelVersion(),
        new GrpcExchange(request, answered, failed),
        cancellation);
  }

  /** A request over gRPC. */
  private final class GrpcExchange implements Inferences.Exchange {
    private final ModelInferRequest request;
    private final Consumer<ModelInferResponse.Builder> answered;
    private final Consumer<AlphornException> failed;

    GrpcExchange(
        ModelInferRequest request,
        Consumer<ModelInferResponse.Builder> answered,
        Consumer<AlphornException> failed) {
      this.request = request;
      this.answered = answered;
      this.failed = failed;
    }

    @Override
    public String protocol() {
      return PROTOCOL;
    }

    @Override
    public long bytes() {
      return request.getSerializedSize();
    }

    @Override
    public InferenceRequest read(InferenceSignature signature, BufferSource memory) {
      requireOneForm();
      InferenceInputs inputs = new InferenceInputs(signature);
      for (int i = 0; i < request.getInputsCount(); i++) {
        InferInputTensor input = request.getInputs(i);
        InferTensorCodec.parameters(input.getParametersMap()).refuseSharedMemory(input.getName());
        inputs.put(input.getName(), tensor(input, i, memory));
      }
      return new InferenceRequest(request.getId(), inputs.inOrder(), outputs(signature));
    }

    private void requireOneForm() {
      int raw = request.getRawInputContentsCount();
      if (raw == 0) {
        return;
      }
      if (raw != request.getInputsCount()) {
        throw AlphornException.invalidArgument(
            "expected raw_input_contents for %d inputs, received %d",
            request.getInputsCount(), raw);
      }
      for (InferInputTensor input : request.getInputsList()) {
        if (input.hasContents()) {
          throw AlphornException.invalidArgument(
              "contents field must not be specified when using raw_input_contents for '%s' for"
                  + " model '%s'",
              input.getName(), request.getModelName());
        }
      }
    }

    private Tensor tensor(InferInputTensor input, int index, BufferSource memory) {
      DType dtype = InferenceDatatypes.of(input.getDatatype(), input.getName());
      long[] shape = input.getShapeList().stream().mapToLong(Long::longValue).toArray();
      if (request.getRawInputContentsCount() == 0) {
        return InferTensorCodec.decode(
            input.getName(), dtype, shape, input.getContents(), limits, memory);
      }
      ByteBuffer raw = request.getRawInputContents(index).asReadOnlyByteBuffer();
      return BinaryTensors.read(input.getName(), dtype, shape, raw, limits, memory);
    }

    private List<RequestedOutput> outputs(InferenceSignature signature) {
      if (request.getOutputsCount() == 0) {
        return InferenceRequest.allOutputs(signature, true);
      }
      return request.getOutputsList().stream()
          .map(
              output ->
                  RequestedOutput.of(
                      signature,
                      output.getName(),
                      InferTensorCodec.parameters(output.getParametersMap())))
          .toList();
    }

    @Override
    public Runnable answer(Target target, InferenceRequest asked, List<InferenceOutput> outputs) {
      ModelInferResponse.Builder response =
          ModelInferResponse.newBuilder()
              .setModelName(target.name())
              .setModelVersion(Long.toString(target.version().version()))
              .setId(asked.id());
      for (InferenceOutput output : outputs) {
        Tensor tensor = output.tensor();
        response.addOutputs(
            InferOutputTensor.newBuilder()
                .setName(output.name())
                .setDatatype(InferenceDatatypes.name(tensor.dtype()))
                .addAllShape(Arrays.stream(tensor.shape()).boxed().toList()));
        response.addRawOutputContents(ByteString.copyFrom(BinaryTensors.bytes(tensor)));
      }
      return () -> answered.accept(response);
    }

    @Override
    public void refuse(AlphornException failure) {
      failed.accept(failure);
    }
  }
}
