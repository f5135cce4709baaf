package io.alphorn.api.admin;

import io.alphorn.compiler.ModelOutline;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.registry.ModelArchives;
import io.alphorn.registry.ServedVersion;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What Keras's {@code model.summary()} tells of a model. */
@Path(VersionPath.TEMPLATE + "/summary")
@Tag(name = "Architecture")
public class SummaryResource {
  private final ModelArchives models;

  SummaryResource(ModelArchives models) {
    this.models = models;
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "A model's layers, output shapes, parameters and connections",
      description = "As text/plain it is the table that Keras prints.")
  public Map<String, Object> json(@PathParam("model") String model) {
    ServedVersion version = served(model);
    ModelOutline outline = models.outline(version);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", version.model());
    json.put("version", Long.toString(version.version()));
    json.put("name", outline.name());
    json.put("layers", outline.layers().stream().map(SummaryResource::json).toList());
    json.put("total", json(outline.trainable().plus(outline.nonTrainable())));
    json.put("trainable", json(outline.trainable()));
    json.put("non_trainable", json(outline.nonTrainable()));
    return json;
  }

  @GET
  @Produces(MediaType.TEXT_PLAIN + ";charset=utf-8")
  @Operation(summary = "The table that Keras prints")
  public String text(@PathParam("model") String model, @RestQuery("expand_nested") boolean nested) {
    return SummaryTable.print(models.outline(served(model)), nested);
  }

  private ServedVersion served(String model) {
    VersionPath path = VersionPath.parse(model);
    return models.served(path.model(), path.version());
  }

  private static Map<String, Object> json(ModelOutline.Size size) {
    return Map.of("parameters", size.parameters(), "bytes", size.bytes());
  }

  private static Map<String, Object> json(ModelOutline.Layer layer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", layer.name());
    json.put("class_name", layer.className());
    json.put("output_shapes", layer.outputShapes().stream().map(SummaryResource::json).toList());
    json.put("parameters", layer.parameters());
    json.put("trainable", layer.trainable());
    json.put("connected_to", layer.connections().stream().map(SummaryResource::json).toList());
    if (!layer.layers().isEmpty()) {
      json.put("layers", layer.layers().stream().map(SummaryResource::json).toList());
    }
    return json;
  }

  /** Sizes that a model leaves open are null. */
  private static List<@Nullable Long> json(Shape shape) {
    List<@Nullable Long> sizes = new ArrayList<>();
    for (Dim dim : shape.dims()) {
      sizes.add(dim.isKnown() ? dim.size() : null);
    }
    return sizes;
  }

  private static Map<String, Object> json(ModelOutline.Connection tensor) {
    return Map.of("layer", tensor.layer(), "call", tensor.call(), "output", tensor.output());
  }
}
