package io.alphorn.api.openinference;

import io.alphorn.api.ApiSettings;
import io.alphorn.api.RestCall;
import io.alphorn.api.codec.BinaryTensors;
import io.alphorn.api.codec.InferenceOutput;
import io.alphorn.api.codec.InferenceRequest;
import io.alphorn.api.codec.InferenceRequestReader;
import io.alphorn.api.codec.InferenceResponseWriter;
import io.alphorn.api.codec.InferenceSignature;
import io.alphorn.api.codec.JsonLimits;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * {@code POST /v2/models/NAME[/versions/N]/infer}, straight on Vert.x, in JSON or with raw tensors
 * behind it.
 */
@ApplicationScoped
public class InferRoute {
  private static final String PROTOCOL = "openinference-rest";
  private static final String PATHS =
      "/v2/models/(?<model>[^/]+)(?:/versions/(?<version>[^/]+))?/infer";
  private static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  private final Inferences inferences;
  private final ApiSettings settings;
  private final JsonLimits limits;

  InferRoute(Inferences inferences, ApiSettings settings) {
    this.inferences = inferences;
    this.settings = settings;
    this.limits = new JsonLimits(settings.maxJsonDepth(), settings.maxTensorElements());
  }

  void routes(@Observes Router router) {
    router.postWithRegex(PATHS).order(-1).handler(this::receive);
  }

  private void receive(RoutingContext context) {
    RestCall call = new RestCall(context.request());
    String model = context.pathParam("model");
    String version = context.pathParam("version");
    call.receive(
        settings.maxRequestBytes(),
        body -> answer(call, model, version == null ? "" : version, body));
  }

  private void answer(RestCall call, String model, String version, Buffer body) {
    Cancellation cancellation = Cancellation.after(settings.timeout());
    call.request().response().closeHandler(closed -> cancellation.cancel());
    inferences.infer(model, version, new RestExchange(call, body), cancellation);
  }

  /** A request over REST. */
  private final class RestExchange implements Inferences.Exchange {
    private final RestCall call;
    private final Buffer body;

    RestExchange(RestCall call, Buffer body) {
      this.call = call;
      this.body = body;
    }

    @Override
    public String protocol() {
      return PROTOCOL;
    }

    @Override
    public long bytes() {
      return body.length();
    }

    @Override
    public InferenceRequest read(InferenceSignature signature, BufferSource memory) {
      String header = call.request().getHeader(HEADER_LENGTH);
      int length = header == null ? body.length() : headerLength(header);
      ByteBuffer binary = ByteBuffer.wrap(body.getBytes(length, body.length()));
      return header != null && length == 0
          ? InferenceRequestReader.readRaw(binary, signature, limits, memory)
          : InferenceRequestReader.read(
              body.getBytes(0, length), binary, signature, limits, memory);
    }

    private int headerLength(String header) {
      try {
        int length = Integer.parseInt(header);
        if (length >= 0 && length <= body.length()) {
          return length;
        }
      } catch (NumberFormatException e) {
        // Said below, as for a number that cannot be.
      }
      throw AlphornException.invalidArgument(
          "%s must be the length of the JSON that the body of %d bytes begins with, not '%s'",
          HEADER_LENGTH, body.length(), header);
    }

    @Override
    public Runnable answer(Target target, InferenceRequest request, List<InferenceOutput> outputs) {
      byte[] json =
          InferenceResponseWriter.write(
              target.name(), target.version().version(), request.id(), outputs);
      List<ByteBuffer> binary =
          outputs.stream()
              .filter(InferenceOutput::binary)
              .map(output -> BinaryTensors.bytes(output.tensor()))
              .toList();
      Buffer answer = joined(json, binary);
      HttpServerRequest asked = call.request();
      ContentCoding coding = ContentCoding.askedFor(asked.getHeader("Accept-Encoding"));
      Buffer encoded = coding.encode(answer);
      return () -> {
        coding.header().ifPresent(name -> asked.response().putHeader("Content-Encoding", name));
        if (binary.isEmpty()) {
          call.answer("application/json", encoded);
        } else {
          asked.response().putHeader(HEADER_LENGTH, Integer.toString(json.length));
          call.answer("application/octet-stream", encoded);
        }
      };
    }

    @Override
    public void refuse(AlphornException failure) {
      call.refuse(failure);
    }
  }

  private static Buffer joined(byte[] json, List<ByteBuffer> binary) {
    long size = json.length + binary.stream().mapToLong(ByteBuffer::remaining).sum();
    if (size > Integer.MAX_VALUE) {
      throw AlphornException.resourceExhausted(
          "the answer has %d bytes, more than the 2 GiB that one can have", size);
    }
    Buffer body = Buffer.buffer((int) size).appendBytes(json);
    for (ByteBuffer bytes : binary) {
      body.setBytes(body.length(), bytes);
    }
    return body;
  }
}
