package io.alphorn.api.tfserving;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.JsonLimits;
import io.alphorn.api.codec.PredictRequest;
import io.alphorn.api.codec.PredictRequestReader;
import io.alphorn.api.codec.PredictResponseWriter;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.runtime.BufferPool;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /v1/models/NAME[/versions/N]:predict}, straight on Vert.x: a small model answers on
 * the thread that read the request.
 */
@ApplicationScoped
public class PredictRoute {
  private static final String PROTOCOL = "tfserving-rest";
  private static final String PATHS = "(?i)/v1/models/[^/:]+(/[^:]+)?:(predict|classify|regress)";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REQUEST_TOO_LARGE = 413;

  private final ModelRegistry registry;
  private final Workers workers;
  private final RequestMetrics metrics;
  private final ApiSettings settings;
  private final BufferPool buffers;
  private final JsonLimits limits;

  PredictRoute(
      ModelRegistry registry,
      Workers workers,
      RequestMetrics metrics,
      ApiSettings settings,
      BufferPool buffers) {
    this.registry = registry;
    this.workers = workers;
    this.metrics = metrics;
    this.settings = settings;
    this.buffers = buffers;
    this.limits = new JsonLimits(settings.maxJsonDepth(), settings.maxTensorElements());
  }

  void routes(@Observes Router router) {
    router.routeWithRegex(PATHS).order(-1).handler(context -> receive(context.request()));
  }

  private void receive(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.POST)) {
      refuse(request.response(), ModelPath.malformed(request.method().name(), request.path()));
      return;
    }
    long start = System.nanoTime();
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() + (long) chunk.length() > settings.maxRequestBytes()) {
            tooLarge(request);
          } else {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(end -> answer(request, body, start));
    request.resume();
  }

  private void tooLarge(HttpServerRequest request) {
    request.handler(null);
    request.endHandler(null);
    String message =
        "the body is larger than %d bytes, which is the limit (alphorn.api.max-request-bytes)"
            .formatted(settings.maxRequestBytes());
    HttpServerResponse response = request.response();
    response.putHeader("Connection", "close");
    send(response, REQUEST_TOO_LARGE, error(message))
        .onComplete(done -> request.connection().close());
  }

  private void answer(HttpServerRequest request, Buffer body, long start) {
    Lease lease;
    try {
      lease = lease(request);
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(PROTOCOL, failure, start);
      refuse(request.response(), failure);
      return;
    }
    Cancellation cancellation = Cancellation.after(settings.timeout());
    request.response().closeHandler(closed -> cancellation.cancel());
    try {
      workers.execute(
          lease.version(),
          body.length(),
          () -> predict(request.response(), body, lease, cancellation, start));
    } catch (AlphornException e) {
      metrics.failed(lease.version(), "", PROTOCOL, e, start);
      lease.close();
      refuse(request.response(), e);
    }
  }

  private Lease lease(HttpServerRequest request) {
    ModelPath path = ModelPath.parse("POST", request.path());
    if (!path.verb().equals("predict")) {
      throw AlphornException.unimplemented(
          "%s needs a signature over tf.Example, which models saved by Keras do not have; use"
              + " :predict",
          path.verb());
    }
    path.withoutLabel();
    return registry.lease(path.model(), path.version());
  }

  private void predict(
      HttpServerResponse response,
      Buffer body,
      Lease lease,
      Cancellation cancellation,
      long start) {
    ServedVersion version = lease.version();
    String endpoint = "";
    try (lease;
        BufferPool.Lease memory = buffers.lease()) {
      PredictRequest request =
          PredictRequestReader.read(body.getBytes(), name -> inputs(version, name), limits, memory);
      endpoint = request.signature();
      List<Tensor> outputs = version.loaded().run(request.inputs(), memory, cancellation);
      byte[] answer =
          PredictResponseWriter.write(request.byRow(), version.compiled().outputs(), outputs);
      metrics.succeeded(version, endpoint, PROTOCOL, start);
      send(response, 200, answer);
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(version, endpoint, PROTOCOL, failure, start);
      refuse(response, failure);
    }
  }

  private static List<TensorSpec> inputs(ServedVersion version, String signature) {
    if (!version.hasEndpoint(signature)) {
      throw AlphornException.invalidArgument(
          "Serving signature name: \"%s\" not found in signature def", signature);
    }
    return version.compiled().inputs();
  }

  private static void refuse(HttpServerResponse response, AlphornException e) {
    send(response, e.code().httpStatus(), error(e.getMessage()));
  }

  private static byte[] error(String message) {
    try {
      return JSON.writeValueAsBytes(Map.of("error", message));
    } catch (JsonProcessingException e) {
      return "{\"error\": \"internal error\"}".getBytes(UTF_8);
    }
  }

  private static Future<Void> send(HttpServerResponse response, int status, byte[] body) {
    if (response.closed() || response.ended()) {
      return Future.succeededFuture();
    }
    return response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(Buffer.buffer(body));
  }
}
