package io.alphorn.api.tfserving;

import io.alphorn.api.tfserving.ServingMetrics.Entrypoint;
import io.alphorn.api.tfserving.proto.SignatureDef;
import io.alphorn.api.tfserving.proto.TensorInfo;
import io.alphorn.api.tfserving.proto.TensorShapeProto;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.registry.VersionState;
import io.alphorn.registry.VersionStatus;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Status and metadata, in the JSON that TensorFlow Serving prints from its protocol buffers. */
@Path("/v1/models/{model: .+}")
@Tag(name = "TensorFlow Serving")
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {
  private final ModelRegistry registry;
  private final ServingMetrics metrics;

  StatusResource(ModelRegistry registry, ServingMetrics metrics) {
    this.registry = registry;
    this.metrics = metrics;
  }

  @GET
  @NonBlocking
  @Operation(
      summary = "Status of a model's versions, or its metadata",
      description =
          "NAME or NAME/versions/N gives the states of versions; with /metadata behind it, the"
              + " signatures of the version that serves.")
  public Map<String, Object> get(@Context HttpServerRequest request) {
    long start = System.nanoTime();
    try {
      ModelPath path = ModelPath.parse("GET", request.path());
      Map<String, Object> answer = answer(path, request.path());
      metrics.succeeded(path.model(), "", Entrypoint.REST, start);
      return answer;
    } catch (AlphornException e) {
      metrics.failed("", e);
      throw e;
    }
  }

  private Map<String, Object> answer(ModelPath path, String asked) {
    return switch (path.verb()) {
      case "" -> status(path);
      case "metadata" -> metadata(path);
      default -> throw ModelPath.malformed("GET", asked);
    };
  }

  private Map<String, Object> status(ModelPath path) {
    List<VersionStatus> statuses = DefaultVersion.statuses(registry, path.model(), path.version());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model_version_status", statuses.stream().map(StatusResource::status).toList());
    if (path.version().isEmpty()) {
      body.putAll(readiness(path.model(), statuses));
    }
    return body;
  }

  /** What KServe's V1 protocol answers here; TensorFlow Serving's clients pass over it. */
  private static Map<String, Object> readiness(String model, List<VersionStatus> statuses) {
    boolean ready = statuses.stream().anyMatch(status -> status.state() == VersionState.AVAILABLE);
    return Map.of("name", model, "ready", ready);
  }

  private static Map<String, Object> status(VersionStatus status) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("error_code", status.error().map(e -> e.code().name()).orElse("OK"));
    error.put("error_message", status.error().map(VersionStatus.Failure::message).orElse(""));
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("version", Long.toString(status.version()));
    entry.put("state", status.state().name());
    entry.put("status", error);
    return entry;
  }

  private Map<String, Object> metadata(ModelPath path) {
    try (Lease lease = DefaultVersion.lease(registry, path.model(), path.choice())) {
      ServedVersion version = lease.version();
      Map<String, Object> spec = new LinkedHashMap<>();
      spec.put("name", version.model());
      spec.put("signature_name", "");
      spec.put("version", Long.toString(version.version()));
      Map<String, Object> signatures = new TreeMap<>();
      Signatures.of(version)
          .getSignatureDefMap()
          .forEach((name, signature) -> signatures.put(name, json(signature)));
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("model_spec", spec);
      body.put("metadata", Map.of("signature_def", Map.of("signature_def", signatures)));
      return body;
    }
  }

  private static Map<String, Object> json(SignatureDef signature) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("inputs", json(signature.getInputsMap()));
    json.put("outputs", json(signature.getOutputsMap()));
    json.put("method_name", signature.getMethodName());
    return json;
  }

  private static Map<String, Object> json(Map<String, TensorInfo> tensors) {
    Map<String, Object> json = new TreeMap<>();
    tensors.forEach((name, info) -> json.put(name, json(info)));
    return json;
  }

  private static Map<String, Object> json(TensorInfo info) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dtype", info.getDtype().name());
    json.put("tensor_shape", json(info.getTensorShape()));
    json.put("name", info.getName());
    return json;
  }

  private static Map<String, Object> json(TensorShapeProto shape) {
    List<Map<String, Object>> dims =
        shape.getDimList().stream()
            .map(
                dim -> {
                  Map<String, Object> size = new LinkedHashMap<>();
                  size.put("size", Long.toString(dim.getSize()));
                  size.put("name", dim.getName());
                  return size;
                })
            .toList();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dim", dims);
    json.put("unknown_rank", shape.getUnknownRank());
    return json;
  }
}
