package io.alphorn.api.openinference;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The Open Inference Protocol on the server as a whole. */
@Path("/v2")
@Tag(name = "Open Inference")
@Produces(MediaType.APPLICATION_JSON)
public class ServerResource {
  private final Models models;

  ServerResource(Models models) {
    this.models = models;
  }

  @GET
  @NonBlocking
  @Operation(summary = "The server's name, version and extensions of the protocol")
  public Models.Server metadata() {
    return models.server();
  }

  @GET
  @Path("/health/live")
  @NonBlocking
  @Operation(summary = "Whether the server takes requests")
  public Map<String, Object> live() {
    return Map.of("live", true);
  }

  /** The protocol's text prints {@code live} for this one too; so both are there. */
  @GET
  @Path("/health/ready")
  @NonBlocking
  @Operation(summary = "Whether the models that were there at the start have been loaded")
  @APIResponse(responseCode = "200", description = "They have")
  @APIResponse(responseCode = "503", description = "Not yet")
  public Response ready() {
    boolean ready = models.isReady();
    return Response.status(ready ? Response.Status.OK : Response.Status.SERVICE_UNAVAILABLE)
        .entity(Map.of("live", true, "ready", ready))
        .build();
  }
}
