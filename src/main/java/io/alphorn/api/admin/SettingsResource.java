package io.alphorn.api.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.registry.ModelRegistry;
import io.alphorn.registry.policy.ModelSettings;
import io.alphorn.registry.policy.SettingsDocument;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What users set of a model: its version policy, its labels, and where requests go. */
@Path("/v1/models/{model: [^/:]+}/settings")
@Tag(name = "Models")
@Produces(MediaType.APPLICATION_JSON)
public class SettingsResource {
  private final ModelRegistry registry;

  SettingsResource(ModelRegistry registry) {
    this.registry = registry;
  }

  @GET
  @Operation(summary = "What is set of a model; {} is a model of which nothing is")
  public JsonNode get(@PathParam("model") String model) {
    return SettingsDocument.json(registry.settings(model));
  }

  @PUT
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Replace what is set of a model")
  @APIResponse(
      responseCode = "400",
      description = "A label or the default route would lead to a version that does not serve")
  public JsonNode put(@PathParam("model") String model, byte[] body) {
    ModelSettings settings = SettingsDocument.read(body);
    return SettingsDocument.json(registry.changeSettings(model, before -> settings));
  }

  @PATCH
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Change some of what is set of a model, by JSON Merge Patch (RFC 7396)")
  public JsonNode patch(@PathParam("model") String model, byte[] body) {
    return SettingsDocument.json(
        registry.changeSettings(model, before -> SettingsDocument.patch(before, body)));
  }

  @DELETE
  @Operation(summary = "Set nothing of a model: the server's defaults hold")
  public Response delete(@PathParam("model") String model) {
    registry.changeSettings(model, before -> ModelSettings.NONE);
    return Response.noContent().build();
  }
}
