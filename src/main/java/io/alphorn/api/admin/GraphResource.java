package io.alphorn.api.admin;

import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.onnx.OnnxStream;
import io.alphorn.compiler.onnx.OnnxWriter;
import io.alphorn.registry.ModelArchives;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** The ONNX graph that a model was compiled to. */
@Path(VersionPath.TEMPLATE + "/graph")
@Tag(name = "Architecture")
public class GraphResource {
  private final ModelArchives models;

  GraphResource(ModelArchives models) {
    this.models = models;
  }

  @GET
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  @Operation(summary = "An endpoint as an ONNX file, with its weights")
  @APIResponse(responseCode = "501", description = "Parts of it have no operators in ONNX")
  public Response graph(
      @PathParam("model") String model, @RestQuery @DefaultValue("") String endpoint) {
    VersionPath path = VersionPath.parse(model);
    CompiledModel compiled = models.served(path.model(), path.version()).compiled();
    OnnxStream graph = OnnxWriter.streamWhole(compiled, compiled.endpoint(endpoint));
    StreamingOutput output = graph::write;
    return Response.ok(output, MediaType.APPLICATION_OCTET_STREAM)
        .header(HttpHeaders.CONTENT_LENGTH, graph.length())
        .build();
  }
}
