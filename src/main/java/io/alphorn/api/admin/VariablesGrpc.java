package io.alphorn.api.admin;

import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.admin.proto.Collection;
import io.alphorn.api.admin.proto.GetCollectionRequest;
import io.alphorn.api.admin.proto.GetCollectionResponse;
import io.alphorn.api.admin.proto.ListCollectionsRequest;
import io.alphorn.api.admin.proto.ListCollectionsResponse;
import io.alphorn.api.admin.proto.VariablesGrpc.VariablesImplBase;
import io.alphorn.registry.ModelArchives;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.VariableCollection;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import java.util.Optional;

/** {@code alphorn.v1.Variables}: the variables of versions that serve, by collection. */
@GrpcService
@Blocking
public class VariablesGrpc extends VariablesImplBase {
  private final ModelArchives models;

  VariablesGrpc(ModelArchives models) {
    this.models = models;
  }

  @Override
  public void listCollections(
      ListCollectionsRequest request, StreamObserver<ListCollectionsResponse> observer) {
    try {
      ServedVersion version =
          served(request.getModel(), request.hasVersion(), request.getVersion());
      observer.onNext(collections(version));
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  private ServedVersion served(String model, boolean hasVersion, long version) {
    return models.served(model, hasVersion ? Optional.of(version) : Optional.empty());
  }

  private ListCollectionsResponse collections(ServedVersion version) {
    ListCollectionsResponse.Builder response =
        ListCollectionsResponse.newBuilder()
            .setModel(version.model())
            .setVersion(version.version());
    for (VariableCollection collection : models.collections(version).list()) {
      response.addCollections(
          Collection.newBuilder()
              .setName(collection.name())
              .setVariables(collection.variables().size())
              .setElements(collection.elements())
              .setBytes(collection.bytes()));
    }
    return response.build();
  }

  @Override
  public void getCollection(
      GetCollectionRequest request, StreamObserver<GetCollectionResponse> observer) {
    try {
      ServedVersion version =
          served(request.getModel(), request.hasVersion(), request.getVersion());
      VariableCollection collection = models.collections(version).require(request.getCollection());
      VariableStream.send((ServerCallStreamObserver<GetCollectionResponse>) observer, collection);
    } catch (RuntimeException e) {
      observer.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }
}
