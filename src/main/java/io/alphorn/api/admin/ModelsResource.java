package io.alphorn.api.admin;

import io.alphorn.api.tfserving.ModelPath;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ModelSummary;
import io.alphorn.registry.VersionStatus;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;
import org.jspecify.annotations.Nullable;

/** Uploading, listing and deleting models. */
@Path("/v1/models")
@Tag(name = "Models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {
  private static final String BASE = "base";
  private static final String ANY_MODEL = "/{model: .+}";

  private final ModelRegistry registry;

  ModelsResource(ModelRegistry registry) {
    this.registry = registry;
  }

  @GET
  @Operation(summary = "All models with their versions")
  public Map<String, Object> list() {
    return Map.of("models", registry.list().stream().map(ModelsResource::json).toList());
  }

  private static Map<String, Object> json(ModelSummary model) {
    List<Map<String, Object>> versions =
        model.versions().stream().map(ModelsResource::json).toList();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", model.name());
    json.put("versions", versions);
    return json;
  }

  private static Map<String, Object> json(VersionStatus status) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", Long.toString(status.version()));
    json.put("state", status.state().name());
    status.error().ifPresent(error -> json.put("error", error.message()));
    return json;
  }

  @POST
  @Path(ANY_MODEL)
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Upload a model as its next version",
      description = "The body is the archive that model.save() wrote.")
  @APIResponse(responseCode = "201", description = "It serves; Location is its status")
  @APIResponse(responseCode = "422", description = "It cannot be compiled; every reason is listed")
  public Response upload(@Context HttpServerRequest request, InputStream body) {
    return uploaded(nextVersion(request), body, EndpointDocument.empty());
  }

  private static ModelPath nextVersion(HttpServerRequest request) {
    ModelPath path = modelPath(request);
    if (path.version().isPresent()) {
      throw ModelPath.malformed("POST", request.path());
    }
    return path;
  }

  @POST
  @Path(ANY_MODEL)
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  @Operation(
      summary = "Upload a model as its next version, from a form",
      description = "Field model: the archive. Field endpoints: its endpoints.json, if any.")
  public Response uploadForm(
      @Context HttpServerRequest request,
      @RestForm("model") @Nullable FileUpload model,
      @RestForm("endpoints") @Nullable FileUpload endpoints)
      throws IOException {
    if (model == null) {
      throw AlphornException.invalidArgument(
          "expected the archive in a form field 'model', which the form does not have");
    }
    try (InputStream body = Files.newInputStream(model.uploadedFile())) {
      EndpointDocument document =
          endpoints == null
              ? EndpointDocument.empty()
              : EndpointDocument.read(Files.readAllBytes(endpoints.uploadedFile()));
      return uploaded(nextVersion(request), body, document);
    }
  }

  @PUT
  @Path(ANY_MODEL)
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Upload a model as the version that the path names",
      description =
          "With base=N in the query the body holds weights alone: a .weights.h5, an .npz, or a zip"
              + " of a .weights.json with its shards, for the architecture of version N.")
  @APIResponse(responseCode = "201", description = "It serves; Location is its status")
  @APIResponse(responseCode = "409", description = "There is such a version already")
  public Response put(@Context HttpServerRequest request, InputStream body) {
    ModelPath path = modelPath(request);
    if (path.version().isEmpty()) {
      throw ModelPath.malformed("PUT", request.path());
    }
    String base = request.getParam(BASE);
    return base == null
        ? uploaded(path, body, EndpointDocument.empty())
        : uploadedWeights(path, number(base), body);
  }

  @DELETE
  @Path(ANY_MODEL)
  @Operation(summary = "Delete a version, or a whole model, from memory and from disk")
  public Response delete(@Context HttpServerRequest request) {
    ModelPath path = modelPath(request);
    registry.delete(path.model(), path.version());
    return Response.noContent().build();
  }

  private static ModelPath modelPath(HttpServerRequest request) {
    String method = request.method().name();
    ModelPath path = ModelPath.parse(method, request.path());
    if (!path.verb().isEmpty() || path.label().isPresent()) {
      throw ModelPath.malformed(method, request.path());
    }
    return path;
  }

  private static long number(String base) {
    if (!base.matches("\\d{1,18}")) {
      throw AlphornException.invalidArgument(
          "query parameter 'base' must be the number of a version, found '%s'", base);
    }
    return Long.parseLong(base);
  }

  private Response uploaded(ModelPath path, InputStream body, EndpointDocument endpoints) {
    return created(path, registry.upload(path.model(), path.version(), body, endpoints));
  }

  private Response uploadedWeights(ModelPath path, long base, InputStream body) {
    long version = path.version().orElseThrow();
    return created(path, registry.uploadWeights(path.model(), version, base, body));
  }

  private Response created(ModelPath path, long version) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("model", path.model());
    answer.put("version", Long.toString(version));
    state(path.model(), version).ifPresent(state -> answer.put("state", state));
    String name = URLEncoder.encode(path.model(), StandardCharsets.UTF_8).replace("+", "%20");
    URI location = URI.create("/v1/models/%s/versions/%d".formatted(name, version));
    return Response.created(location).entity(answer).build();
  }

  private Optional<String> state(String model, long version) {
    try {
      return registry.statuses(model, Optional.of(version)).stream()
          .map(status -> status.state().name())
          .findFirst();
    } catch (AlphornException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty(); // Deleted meanwhile.
      }
      throw e;
    }
  }
}
