package io.alphorn.api.openinference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.error.AlphornException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Triton's model repository extension. */
@Path("/v2/repository")
@Tag(name = "Open Inference")
@Consumes(MediaType.WILDCARD)
@Produces(MediaType.APPLICATION_JSON)
public class RepositoryResource {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Repository repository;

  RepositoryResource(Repository repository) {
    this.repository = repository;
  }

  @POST
  @Path("/index")
  @Operation(
      summary = "All versions with their states",
      description = "With {\"ready\": true}, those that serve.")
  public List<Repository.Entry> index(InputStream body) {
    return repository.index(asksForReady(body));
  }

  /** A body that is empty asks for all. */
  private static boolean asksForReady(InputStream body) {
    try {
      JsonNode request = JSON.readTree(body);
      return request.path("ready").asBoolean(false);
    } catch (IOException e) {
      throw AlphornException.invalidArgument("failed to parse the request, which must be JSON");
    }
  }

  @POST
  @Path("/models/{model}/load")
  @Operation(
      summary = "Load a model from its folder, or from archives in the request",
      description =
          "Parameters: config, a text that is asked for with files and means nothing else;"
              + " file:VERSION/model.keras, an archive in base64.")
  public Map<String, Object> load(@PathParam("model") String model, InputStream body) {
    try (LoadRequest request = LoadRequest.read(body)) {
      repository.load(model, request.hasConfiguration(), request.files());
    }
    return Map.of("name", model, "load", true);
  }

  @POST
  @Path("/models/{model}/unload")
  @Operation(summary = "Take a model out of memory; its files stay")
  public Map<String, Object> unload(@PathParam("model") String model) {
    repository.unload(model);
    return Map.of("name", model, "unload", true);
  }
}
