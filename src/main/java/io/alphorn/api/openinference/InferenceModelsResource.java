package io.alphorn.api.openinference;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The Open Inference Protocol on models; NAME may be {@code NAME:ENDPOINT}. */
@Path("/v2/models")
@Tag(name = "Open Inference")
@Produces(MediaType.APPLICATION_JSON)
public class InferenceModelsResource {
  private static final String MODEL = "/{model}";
  private static final String VERSION = "/{model}/versions/{version}";
  private static final String NEWEST = "";

  private final Models models;

  InferenceModelsResource(Models models) {
    this.models = models;
  }

  /** KServe's addition to the protocol. */
  @GET
  @NonBlocking
  @Operation(summary = "The names of all models")
  public Map<String, List<String>> names() {
    return Map.of("models", models.names());
  }

  @GET
  @Path(MODEL)
  @NonBlocking
  @Operation(summary = "A model's versions, inputs and outputs")
  public ModelDescription.Metadata metadata(@PathParam("model") String model) {
    return models.metadata(model, NEWEST);
  }

  @GET
  @Path(VERSION)
  @NonBlocking
  @Operation(summary = "A version's inputs and outputs")
  public ModelDescription.Metadata metadata(
      @PathParam("model") String model, @PathParam("version") String version) {
    return models.metadata(model, version);
  }

  @GET
  @Path(MODEL + "/ready")
  @NonBlocking
  @Operation(summary = "Whether a model serves")
  @APIResponse(responseCode = "200", description = "It does")
  @APIResponse(responseCode = "503", description = "It does not")
  public Response ready(@PathParam("model") String model) {
    return ready(model, NEWEST);
  }

  @GET
  @Path(VERSION + "/ready")
  @NonBlocking
  @Operation(summary = "Whether a version serves")
  @APIResponse(responseCode = "200", description = "It does")
  @APIResponse(responseCode = "503", description = "It does not")
  public Response ready(@PathParam("model") String model, @PathParam("version") String version) {
    boolean ready = models.isReady(model, version);
    return Response.status(ready ? Response.Status.OK : Response.Status.SERVICE_UNAVAILABLE)
        .entity(Map.of("name", model, "ready", ready))
        .build();
  }

  @GET
  @Path(MODEL + "/config")
  @NonBlocking
  @Operation(summary = "A model as Triton's configuration describes it")
  public ModelDescription.Configuration configuration(@PathParam("model") String model) {
    return models.configuration(model, NEWEST);
  }

  @GET
  @Path(VERSION + "/config")
  @NonBlocking
  @Operation(summary = "A version as Triton's configuration describes it")
  public ModelDescription.Configuration configuration(
      @PathParam("model") String model, @PathParam("version") String version) {
    return models.configuration(model, version);
  }

  @GET
  @Path("/stats")
  @NonBlocking
  @Operation(summary = "How many requests all models answered, and what they took")
  public Map<String, List<VersionStatistics>> statistics() {
    return statistics("", NEWEST);
  }

  @GET
  @Path(MODEL + "/stats")
  @NonBlocking
  @Operation(summary = "How many requests a model answered, and what they took")
  public Map<String, List<VersionStatistics>> statistics(@PathParam("model") String model) {
    return statistics(model, NEWEST);
  }

  @GET
  @Path(VERSION + "/stats")
  @NonBlocking
  @Operation(summary = "How many requests a version answered, and what they took")
  public Map<String, List<VersionStatistics>> statistics(
      @PathParam("model") String model, @PathParam("version") String version) {
    return Map.of("model_stats", models.statistics(model, version));
  }
}
