package io.alphorn.api.admin;

import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import io.alphorn.api.Failures;
import io.alphorn.api.GrpcCalls;
import io.alphorn.api.admin.proto.GetCollectionResponse;
import io.alphorn.api.admin.proto.VariableHeader;
import io.alphorn.compiler.ModelVariable;
import io.alphorn.registry.VariableCollection;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Sends a collection over gRPC as fast as the client takes it: parts are made only when there is
 * room for them on the connection.
 */
final class VariableStream {
  private static final int CHUNK_BYTES = 1 << 20;

  private final ServerCallStreamObserver<GetCollectionResponse> call;
  private final Iterator<ModelVariable> variables;
  private @Nullable ByteBuffer elements;
  private boolean ended;

  private VariableStream(
      ServerCallStreamObserver<GetCollectionResponse> call, VariableCollection collection) {
    this.call = call;
    this.variables = collection.variables().iterator();
  }

  /** Begins to send; the rest follows by itself. */
  static void send(
      ServerCallStreamObserver<GetCollectionResponse> call, VariableCollection collection) {
    VariableStream stream = new VariableStream(call, collection);
    call.setOnReadyHandler(stream::sendWhileReady);
    stream.sendWhileReady();
  }

  private synchronized void sendWhileReady() {
    try {
      while (!ended && call.isReady()) {
        sendNext();
      }
    } catch (RuntimeException e) {
      ended = true;
      call.onError(GrpcCalls.error(Failures.internal(e)));
    }
  }

  private void sendNext() {
    ByteBuffer remaining = elements;
    if (remaining != null && remaining.hasRemaining()) {
      ByteString chunk =
          ByteString.copyFrom(remaining, Math.min(CHUNK_BYTES, remaining.remaining()));
      call.onNext(GetCollectionResponse.newBuilder().setChunk(chunk).build());
    } else if (variables.hasNext()) {
      ModelVariable variable = variables.next();
      elements = variable.read().bytes();
      call.onNext(GetCollectionResponse.newBuilder().setHeader(header(variable)).build());
    } else {
      ended = true;
      call.onCompleted();
    }
  }

  private static VariableHeader header(ModelVariable variable) {
    return VariableHeader.newBuilder()
        .setPath(variable.path())
        .setDtype(variable.dtype().kerasName())
        .addAllShape(Longs.asList(variable.shape()))
        .setBytes(variable.bytes())
        .setTrainable(variable.trainable())
        .build();
  }
}
