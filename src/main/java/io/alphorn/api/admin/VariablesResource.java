package io.alphorn.api.admin;

import io.alphorn.api.ApiSettings;
import io.alphorn.compiler.ModelVariable;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ModelArchives;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.VariableCollection;
import io.alphorn.registry.VariableComparison;
import io.alphorn.tensor.BasicSlice;
import io.alphorn.tensor.NamedTensor;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Safetensors;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * The variables of a version that serves, by collection. All answers are written to the connection
 * one variable at a time.
 */
@Path(VersionPath.TEMPLATE + "/variables")
@Tag(name = "Variables")
public class VariablesResource {
  static final String NPZ = "application/x-npz";
  private static final MediaType NPZ_TYPE = MediaType.valueOf(NPZ);

  private final ModelArchives models;
  private final VariableDigests digests;
  private final long maxJsonValues;

  VariablesResource(ModelArchives models, VariableDigests digests, ApiSettings settings) {
    this.models = models;
    this.digests = digests;
    this.maxJsonValues = settings.maxJsonValues();
  }

  /** What of its variables an answer tells in JSON. */
  private record Detail(boolean values, boolean statistics) {
    static final Detail NONE = new Detail(false, false);
  }

  private interface JsonAnswer {
    void write(VariableJson json) throws IOException;
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "The collections of a model's variables",
      description =
          "all, trainable, non_trainable, one for each layer, and those that the model's document"
              + " adds. MODEL may be NAME or NAME/versions/N.")
  public Response collections(@PathParam("model") String model) {
    ServedVersion version = served(model);
    return json(Detail.NONE, json -> json.collections(version, models.collections(version).list()));
  }

  @GET
  @Path("/{collection}")
  @Produces({MediaType.APPLICATION_JSON, NPZ, MediaType.APPLICATION_OCTET_STREAM})
  @Operation(
      summary = "The variables of a collection",
      description =
          "In JSON paths, shapes, types, digests, and on request values, statistics or the"
              + " differences to another version; as application/x-npz an .npz file, as"
              + " application/octet-stream a safetensors file.")
  @APIResponse(responseCode = "200", description = "The variables in the collection's order")
  @APIResponse(responseCode = "429", description = "More values than JSON is allowed to hold")
  public Response collection(
      @PathParam("model") String model,
      @PathParam("collection") String collection,
      @RestQuery boolean values,
      @RestQuery boolean statistics,
      @RestQuery Optional<Long> compare,
      @Context HttpHeaders headers) {
    ServedVersion version = served(model);
    VariableCollection found = models.collections(version).require(collection);
    if (compare.isPresent()) {
      return compared(version, found, compare.get());
    }
    List<NamedTensor> tensors =
        found.variables().stream().map(v -> VariableView.whole(v).named()).toList();
    return answer(
        headers,
        tensors,
        metadata(version, collection),
        new Detail(values, statistics),
        json -> json.collection(version, found));
  }

  @GET
  @Path("/{collection}/{variable: .+}")
  @Produces({MediaType.APPLICATION_JSON, NPZ, MediaType.APPLICATION_OCTET_STREAM})
  @Operation(
      summary = "One variable by its path, or a part of it",
      description = "slice is NumPy's basic slicing, as 0:10,:,3; in JSON it brings the values.")
  public Response variable(
      @PathParam("model") String model,
      @PathParam("collection") String collection,
      @PathParam("variable") String path,
      @RestQuery boolean values,
      @RestQuery boolean statistics,
      @RestQuery Optional<String> slice,
      @Context HttpHeaders headers) {
    ServedVersion version = served(model);
    ModelVariable variable =
        models
            .collections(version)
            .require(collection)
            .find(path)
            .orElseThrow(
                () ->
                    AlphornException.notFound(
                        "collection '%s' has no variable '%s'", collection, path));
    VariableView view = VariableView.of(variable, slice.map(BasicSlice::parse));
    return answer(
        headers,
        List.of(view.named()),
        metadata(version, collection),
        new Detail(values || slice.isPresent(), statistics),
        json -> json.variable(view));
  }

  private ServedVersion served(String model) {
    VersionPath path = VersionPath.parse(model);
    return models.served(path.model(), path.version());
  }

  private static Map<String, String> metadata(ServedVersion version, String collection) {
    return Map.of(
        "model", version.model(),
        "version", Long.toString(version.version()),
        "collection", collection);
  }

  private Response compared(ServedVersion version, VariableCollection collection, long other) {
    VariableComparison comparison =
        VariableComparison.of(
            collection, models.collections(version), models.collections(version.model(), other));
    return json(Detail.NONE, json -> json.comparison(version, other, collection, comparison));
  }

  private Response answer(
      HttpHeaders headers,
      List<NamedTensor> tensors,
      Map<String, String> metadata,
      Detail detail,
      JsonAnswer answer) {
    for (MediaType wanted : headers.getAcceptableMediaTypes()) {
      if (wanted.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
        requireFew(tensors, detail);
        return json(detail, answer);
      }
      if (wanted.isCompatible(NPZ_TYPE)) {
        return stream(NPZ, out -> Npz.write(out, tensors)).build();
      }
      if (wanted.isCompatible(MediaType.APPLICATION_OCTET_STREAM_TYPE)) {
        Safetensors file = Safetensors.of(tensors, metadata);
        return stream(MediaType.APPLICATION_OCTET_STREAM, file::write)
            .header(HttpHeaders.CONTENT_LENGTH, file.length())
            .build();
      }
    }
    return Response.notAcceptable(null).build();
  }

  private void requireFew(List<NamedTensor> tensors, Detail detail) {
    long elements =
        tensors.stream().mapToLong(tensor -> tensor.bytes() / tensor.dtype().bytes()).sum();
    if (detail.values() && elements > maxJsonValues) {
      throw AlphornException.resourceExhausted(
          "%d values are more than the %d that JSON may hold (alphorn.api.max-json-values); ask for"
              + " a slice, or accept %s or %s",
          elements, maxJsonValues, NPZ, MediaType.APPLICATION_OCTET_STREAM);
    }
  }

  private Response json(Detail detail, JsonAnswer answer) {
    return stream(
            MediaType.APPLICATION_JSON,
            out -> {
              try (VariableJson json =
                  new VariableJson(out, digests, detail.values(), detail.statistics())) {
                answer.write(json);
              }
            })
        .build();
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  private static Response.ResponseBuilder stream(String type, Body body) {
    StreamingOutput output = body::write;
    return Response.ok(output, type);
  }
}
