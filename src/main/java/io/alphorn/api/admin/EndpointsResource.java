package io.alphorn.api.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * The endpoints of a model that serves: what there are, and changing them. NAME stands for the
 * newest version, NAME/versions/N for one of them.
 */
@Path(VersionPath.TEMPLATE + "/endpoints")
@Tag(name = "Endpoints")
@Produces(MediaType.APPLICATION_JSON)
public class EndpointsResource {
  private static final String ONE = "/{endpoint}";

  private final ModelRegistry registry;

  EndpointsResource(ModelRegistry registry) {
    this.registry = registry;
  }

  @GET
  @Operation(summary = "The endpoints of a model, with their signatures and their document")
  public Map<String, Object> list(@PathParam("model") String model) {
    try (Lease lease = lease(model)) {
      return json(lease.version());
    }
  }

  @GET
  @Path(ONE)
  @Operation(summary = "One endpoint's signature")
  @APIResponse(responseCode = "404", description = "There is none of that name")
  public Map<String, Object> get(
      @PathParam("model") String model, @PathParam("endpoint") String endpoint) {
    try (Lease lease = lease(model)) {
      return json(lease.version().compiled().endpoint(endpoint));
    }
  }

  @PUT
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Replace all endpoints of a model",
      description =
          "The body is the whole document, by docs/endpoints.schema.json. A document that does not"
              + " fit the model is refused whole, and what serves goes on.")
  public Map<String, Object> putAll(@PathParam("model") String model, byte[] body) {
    return changed(model, document -> EndpointDocument.read(body));
  }

  @PUT
  @Path(ONE)
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Add an endpoint to a model that serves, or replace it")
  @APIResponse(responseCode = "400", description = "It does not fit; the path in it is named")
  public Map<String, Object> put(
      @PathParam("model") String model, @PathParam("endpoint") String endpoint, byte[] body) {
    return changed(model, document -> document.with(endpoint, body));
  }

  @DELETE
  @Path(ONE)
  @Operation(summary = "Take an endpoint away")
  public Response delete(@PathParam("model") String model, @PathParam("endpoint") String endpoint) {
    changed(model, document -> document.without(endpoint));
    return Response.noContent().build();
  }

  private Lease lease(String model) {
    VersionPath path = VersionPath.parse(model);
    return registry.lease(path.model(), path.version());
  }

  private Map<String, Object> changed(String model, UnaryOperator<EndpointDocument> change) {
    VersionPath path = VersionPath.parse(model);
    return json(registry.changeEndpoints(path.model(), path.version(), change));
  }

  private static Map<String, Object> json(ServedVersion version) {
    List<Map<String, Object>> endpoints =
        version.compiled().endpoints().stream().map(EndpointsResource::json).toList();
    JsonNode document = version.document().json();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", version.model());
    json.put("version", Long.toString(version.version()));
    json.put("default", version.compiled().defaultEndpoint().name());
    json.put("endpoints", endpoints);
    json.put("document", document);
    return json;
  }

  private static Map<String, Object> json(CompiledEndpoint endpoint) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", endpoint.name());
    json.put("inputs", json(endpoint.inputs()));
    json.put("outputs", json(endpoint.outputs()));
    return json;
  }

  private static List<Map<String, Object>> json(List<TensorSpec> specs) {
    List<Map<String, Object>> tensors = new ArrayList<>();
    for (TensorSpec spec : specs) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", spec.name());
      json.put("shape", spec.shape().sizes());
      json.put("dtype", spec.dtype().toString());
      tensors.add(json);
    }
    return tensors;
  }
}
