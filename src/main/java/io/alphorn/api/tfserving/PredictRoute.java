package io.alphorn.api.tfserving;

import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.RestCall;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.JsonLimits;
import io.alphorn.api.codec.PredictRequest;
import io.alphorn.api.codec.PredictRequestReader;
import io.alphorn.api.codec.PredictResponseWriter;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.runtime.BufferPool;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * {@code POST /v1/models/NAME[/versions/N]:predict}, and {@code /endpoints/ENDPOINT} with the same
 * bodies, straight on Vert.x: a small model answers on the thread that read the request.
 */
@ApplicationScoped
public class PredictRoute {
  private static final String PROTOCOL = "tfserving-rest";
  private static final String PATHS = "(?i)/v1/models/[^/:]+(/[^:]+)?:(predict|classify|regress)";
  private static final String ENDPOINT_PATHS = "(?i)/v1/models/[^/:]+(/[^:]+)?/endpoints/[^/:]+";

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
    router
        .routeWithRegex(HttpMethod.POST, ENDPOINT_PATHS)
        .order(-1)
        .handler(context -> receive(context.request()));
  }

  private void receive(HttpServerRequest request) {
    RestCall call = new RestCall(request);
    if (!request.method().equals(HttpMethod.POST)) {
      call.refuse(ModelPath.malformed(request.method().name(), request.path()));
      return;
    }
    long start = System.nanoTime();
    call.receive(settings.maxRequestBytes(), body -> answer(call, body, start));
  }

  private void answer(RestCall call, Buffer body, long start) {
    Lease lease;
    String endpoint;
    try {
      ModelPath path = path(call.request());
      endpoint = path.endpoint().orElse("");
      lease = registry.lease(path.model(), path.version());
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(PROTOCOL, failure, start);
      call.refuse(failure);
      return;
    }
    Cancellation cancellation = Cancellation.after(settings.timeout());
    call.request().response().closeHandler(closed -> cancellation.cancel());
    try {
      workers.execute(
          lease.version(),
          body.length(),
          () -> predict(call, body, lease, endpoint, cancellation, start));
    } catch (AlphornException e) {
      metrics.failed(lease.version(), endpoint, PROTOCOL, e, start);
      lease.close();
      call.refuse(e);
    }
  }

  private static ModelPath path(HttpServerRequest request) {
    ModelPath path = ModelPath.parse("POST", request.path());
    if (path.endpoint().isEmpty() && !path.verb().equals("predict")) {
      throw AlphornException.unimplemented(
          "%s needs a signature over tf.Example, which models saved by Keras do not have; use"
              + " :predict",
          path.verb());
    }
    return path.withoutLabel();
  }

  private void predict(
      RestCall call,
      Buffer body,
      Lease lease,
      String pathEndpoint,
      Cancellation cancellation,
      long start) {
    ServedVersion version = lease.version();
    String endpoint = pathEndpoint;
    try (lease;
        BufferPool.Lease memory = buffers.lease()) {
      PredictRequest request =
          PredictRequestReader.read(
              body.getBytes(),
              name -> endpoint(version, pathEndpoint, name).inputs(),
              limits,
              memory);
      CompiledEndpoint chosen = endpoint(version, pathEndpoint, request.signature());
      endpoint = chosen.name();
      List<Tensor> outputs = version.loaded().run(chosen, request.inputs(), memory, cancellation);
      byte[] answer = PredictResponseWriter.write(request.byRow(), chosen.outputs(), outputs);
      metrics.succeeded(version, endpoint, PROTOCOL, start);
      call.answer(answer);
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(version, endpoint, PROTOCOL, failure, start);
      call.refuse(failure);
    }
  }

  /** The endpoint that the path names, else the one that the body does. */
  private static CompiledEndpoint endpoint(ServedVersion version, String ofPath, String signature) {
    if (!ofPath.isEmpty()) {
      return version.compiled().endpoint(ofPath);
    }
    return version
        .endpoint(signature)
        .orElseThrow(
            () ->
                AlphornException.invalidArgument(
                    "Serving signature name: \"%s\" not found in signature def", signature));
  }
}
