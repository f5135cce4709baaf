package io.alphorn.api.openinference;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * What KServe's V1 protocol has beside TensorFlow Serving's, on which it is built: liveness at the
 * root.
 */
@Path("/")
@Tag(name = "Open Inference")
@Produces(MediaType.APPLICATION_JSON)
public class KServeResource {
  @GET
  @NonBlocking
  @Operation(summary = "Whether the server takes requests, for clients of KServe's V1 protocol")
  public Map<String, String> live() {
    return Map.of("status", "alive");
  }
}
