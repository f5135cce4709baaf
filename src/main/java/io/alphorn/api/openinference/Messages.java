package io.alphorn.api.openinference;

import io.alphorn.api.openinference.ModelDescription.TensorConfiguration;
import io.alphorn.api.openinference.ModelDescription.TensorMetadata;
import io.alphorn.api.openinference.proto.DataType;
import io.alphorn.api.openinference.proto.InferBatchStatistics;
import io.alphorn.api.openinference.proto.InferStatistics;
import io.alphorn.api.openinference.proto.ModelConfig;
import io.alphorn.api.openinference.proto.ModelConfigResponse;
import io.alphorn.api.openinference.proto.ModelInput;
import io.alphorn.api.openinference.proto.ModelMetadataResponse;
import io.alphorn.api.openinference.proto.ModelOutput;
import io.alphorn.api.openinference.proto.ModelStatistics;
import io.alphorn.api.openinference.proto.ModelStatisticsResponse;
import io.alphorn.api.openinference.proto.ModelVersionPolicy;
import io.alphorn.api.openinference.proto.RepositoryIndexResponse;
import io.alphorn.api.openinference.proto.ServerMetadataResponse;
import io.alphorn.api.openinference.proto.StatisticDuration;
import java.util.Arrays;
import java.util.List;

/** What is told of server and models, as messages of gRPC. */
final class Messages {
  private Messages() {}

  static ServerMetadataResponse server(Models.Server server) {
    return ServerMetadataResponse.newBuilder()
        .setName(server.name())
        .setVersion(server.version())
        .addAllExtensions(server.extensions())
        .build();
  }

  static ModelMetadataResponse metadata(ModelDescription.Metadata model) {
    return ModelMetadataResponse.newBuilder()
        .setName(model.name())
        .addAllVersions(model.versions())
        .setPlatform(model.platform())
        .addAllInputs(model.inputs().stream().map(Messages::tensor).toList())
        .addAllOutputs(model.outputs().stream().map(Messages::tensor).toList())
        .build();
  }

  private static ModelMetadataResponse.TensorMetadata tensor(TensorMetadata tensor) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(tensor.name())
        .setDatatype(tensor.datatype())
        .addAllShape(tensor.shape())
        .build();
  }

  static ModelConfigResponse configuration(ModelDescription.Configuration model) {
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(model.name())
            .setPlatform(model.platform())
            .setBackend(model.backend())
            .setVersionPolicy(
                ModelVersionPolicy.newBuilder()
                    .setLatest(
                        ModelVersionPolicy.Latest.newBuilder()
                            .setNumVersions(model.versionPolicy().latest().count())))
            .setMaxBatchSize(model.maxBatchSize());
    for (TensorConfiguration input : model.input()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(input.name())
              .setDataType(dataType(input))
              .addAllDims(input.dims()));
    }
    for (TensorConfiguration output : model.output()) {
      config.addOutput(
          ModelOutput.newBuilder()
              .setName(output.name())
              .setDataType(dataType(output))
              .addAllDims(output.dims()));
    }
    return ModelConfigResponse.newBuilder().setConfig(config).build();
  }

  /** Complex numbers have no type there. */
  private static DataType dataType(TensorConfiguration tensor) {
    return Arrays.stream(DataType.values())
        .filter(type -> type.name().equals(tensor.datatype()))
        .findFirst()
        .orElse(DataType.TYPE_INVALID);
  }

  static RepositoryIndexResponse index(List<Repository.Entry> entries) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (Repository.Entry entry : entries) {
      index.addModels(
          RepositoryIndexResponse.ModelIndex.newBuilder()
              .setName(entry.name())
              .setVersion(entry.version())
              .setState(entry.state())
              .setReason(entry.reason()));
    }
    return index.build();
  }

  static ModelStatisticsResponse statistics(List<VersionStatistics> versions) {
    return ModelStatisticsResponse.newBuilder()
        .addAllModelStats(versions.stream().map(Messages::version).toList())
        .build();
  }

  private static ModelStatistics version(VersionStatistics version) {
    return ModelStatistics.newBuilder()
        .setName(version.name())
        .setVersion(version.version())
        .setLastInference(version.lastInference())
        .setInferenceCount(version.inferenceCount())
        .setExecutionCount(version.executionCount())
        .setInferenceStats(inferences(version.inferences()))
        .addAllBatchStats(version.batches().stream().map(Messages::batch).toList())
        .build();
  }

  private static InferStatistics inferences(VersionStatistics.Inferences totals) {
    return InferStatistics.newBuilder()
        .setSuccess(duration(totals.success()))
        .setFail(duration(totals.fail()))
        .setQueue(duration(totals.queue()))
        .setComputeInput(duration(totals.input()))
        .setComputeInfer(duration(totals.infer()))
        .setComputeOutput(duration(totals.output()))
        .setCacheHit(duration(totals.cacheHit()))
        .setCacheMiss(duration(totals.cacheMiss()))
        .build();
  }

  private static InferBatchStatistics batch(VersionStatistics.Batch batch) {
    return InferBatchStatistics.newBuilder()
        .setBatchSize(batch.size())
        .setComputeInput(duration(batch.input()))
        .setComputeInfer(duration(batch.infer()))
        .setComputeOutput(duration(batch.output()))
        .build();
  }

  private static StatisticDuration duration(VersionStatistics.Total total) {
    return StatisticDuration.newBuilder().setCount(total.count()).setNs(total.ns()).build();
  }
}
