package io.alphorn.api.admin;

import io.alphorn.registry.ModelArchives;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The configuration that Keras saved of a model. */
@Path(VersionPath.TEMPLATE + "/config")
@Tag(name = "Architecture")
public class ConfigResource {
  private final ModelArchives models;

  ConfigResource(ModelArchives models) {
    this.models = models;
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(summary = "The archive's config.json, byte for byte")
  public byte[] config(@PathParam("model") String model) {
    VersionPath path = VersionPath.parse(model);
    return models.config(models.served(path.model(), path.version()));
  }
}
