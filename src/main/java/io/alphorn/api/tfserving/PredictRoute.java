package io.alphorn.api.tfserving;

import io.alphorn.api.ApiSettings;
import io.alphorn.api.Failures;
import io.alphorn.api.RequestMetrics;
import io.alphorn.api.RestCall;
import io.alphorn.api.Workers;
import io.alphorn.api.codec.ExampleRequest;
import io.alphorn.api.codec.ExampleRequestReader;
import io.alphorn.api.codec.ExampleResponseWriter;
import io.alphorn.api.codec.JsonLimits;
import io.alphorn.api.codec.PredictRequest;
import io.alphorn.api.codec.PredictRequestReader;
import io.alphorn.api.codec.PredictResponseWriter;
import io.alphorn.api.tfserving.ServingMetrics.Entrypoint;
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
 * {@code POST /v1/models/NAME[/versions/N]:predict}, {@code :classify} and {@code :regress}, and
 * {@code /endpoints/ENDPOINT} with the bodies of the first, straight on Vert.x: a small model
 * answers on the thread that read the request.
 */
@ApplicationScoped
public class PredictRoute {
  private static final String PROTOCOL = "tfserving-rest";
  private static final String PATHS = "(?i)/v1/models/[^/:]+(/[^:]+)?:(predict|classify|regress)";
  private static final String ENDPOINT_PATHS = "(?i)/v1/models/[^/:]+(/[^:]+)?/endpoints/[^/:]+";

  private final ModelRegistry registry;
  private final Workers workers;
  private final RequestMetrics metrics;
  private final ServingMetrics servingMetrics;
  private final ApiSettings settings;
  private final BufferPool buffers;
  private final ExampleCalls examples;
  private final JsonLimits limits;

  PredictRoute(
      ModelRegistry registry,
      Workers workers,
      RequestMetrics metrics,
      ServingMetrics servingMetrics,
      ApiSettings settings,
      BufferPool buffers,
      ExampleCalls examples) {
    this.registry = registry;
    this.workers = workers;
    this.metrics = metrics;
    this.servingMetrics = servingMetrics;
    this.settings = settings;
    this.buffers = buffers;
    this.examples = examples;
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
      AlphornException failure = ModelPath.malformed(request.method().name(), request.path());
      servingMetrics.failed("", failure);
      call.refuse(failure);
      return;
    }
    long start = System.nanoTime();
    call.receive(settings.maxRequestBytes(), body -> answer(call, body, start));
  }

  private void answer(RestCall call, Buffer body, long start) {
    ModelPath path;
    Lease lease;
    try {
      path = ModelPath.parse("POST", call.request().path());
      lease = DefaultVersion.lease(registry, path.model(), path.choice());
    } catch (RuntimeException e) {
      AlphornException failure = Failures.internal(e);
      metrics.failed(PROTOCOL, failure, start);
      servingMetrics.failed("", failure);
      call.refuse(failure);
      return;
    }
    Cancellation cancellation = Cancellation.after(settings.timeout());
    call.request().response().closeHandler(closed -> cancellation.cancel());
    try {
      workers.execute(
          lease.version(),
          body.length(),
          () -> answer(call, body, lease, path, cancellation, start));
    } catch (AlphornException e) {
      fail(call, lease.version(), path.endpoint().orElse(""), e, start);
      lease.close();
    }
  }

  private void answer(
      RestCall call,
      Buffer body,
      Lease lease,
      ModelPath path,
      Cancellation cancellation,
      long start) {
    ServedVersion version = lease.version();
    Answer answer = new Answer(version, path.endpoint().orElse(""), cancellation);
    try (lease) {
      byte[] json =
          switch (path.verb()) {
            case "classify" -> answer.classify(body.getBytes());
            case "regress" -> answer.regress(body.getBytes());
            default -> answer.predict(body.getBytes());
          };
      String api = path.endpoint().isEmpty() ? path.verb() : "predict";
      metrics.succeeded(version, answer.endpoint, PROTOCOL, start);
      servingMetrics.succeeded(version.model(), api, Entrypoint.REST, start);
      call.answer(json);
    } catch (RuntimeException e) {
      fail(call, version, answer.endpoint, Failures.internal(e), start);
    }
  }

  private void fail(
      RestCall call, ServedVersion version, String endpoint, AlphornException failure, long start) {
    metrics.failed(version, endpoint, PROTOCOL, failure, start);
    servingMetrics.failed(version.model(), failure);
    call.refuse(failure);
  }

  /** An answer in the making, which learns on its way what endpoint the body names. */
  private final class Answer {
    private final ServedVersion version;
    private final String ofPath;
    private final Cancellation cancellation;
    private String endpoint;

    Answer(ServedVersion version, String ofPath, Cancellation cancellation) {
      this.version = version;
      this.ofPath = ofPath;
      this.cancellation = cancellation;
      this.endpoint = ofPath;
    }

    byte[] classify(byte[] body) {
      ExampleRequest request = ExampleRequestReader.read(body);
      endpoint = request.signature();
      return ExampleResponseWriter.write(
          examples.classify(version, endpoint, request.input(), cancellation));
    }

    byte[] regress(byte[] body) {
      ExampleRequest request = ExampleRequestReader.read(body);
      endpoint = request.signature();
      return ExampleResponseWriter.write(
          examples.regress(version, endpoint, request.input(), cancellation));
    }

    byte[] predict(byte[] body) {
      try (BufferPool.Lease memory = buffers.lease()) {
        PredictRequest request =
            PredictRequestReader.read(
                body, name -> endpoint(version, ofPath, name).inputs(), limits, memory);
        CompiledEndpoint chosen = endpoint(version, ofPath, request.signature());
        endpoint = chosen.name();
        long start = System.nanoTime();
        List<Tensor> outputs = version.loaded().run(chosen, request.inputs(), memory, cancellation);
        servingMetrics.ran(version.model(), "Predict", start);
        return PredictResponseWriter.write(request.byRow(), chosen.outputs(), outputs);
      }
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
