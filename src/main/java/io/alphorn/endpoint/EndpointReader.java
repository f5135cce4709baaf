package io.alphorn.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads one endpoint of a document; docs/endpoints.schema.json is the same as a JSON Schema. */
final class EndpointReader {
  /** What can stand in a path, and be told from a version. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");

  private EndpointReader() {}

  static EndpointSpec read(JsonNode json, String place) {
    DocumentObject endpoint =
        DocumentObject.of(json, place, "name", "target", "inputs", "outputs", "training");
    String name = endpoint.string("name");
    if (!NAME.matcher(name).matches()) {
      throw DocumentObject.mistake(
          endpoint.place("name"), "'%s' is no legal name; expected %s", name, NAME);
    }
    TrainingMode training =
        endpoint
            .find("training")
            .map(value -> TrainingMode.of(value, endpoint.place("training")))
            .orElse(TrainingMode.INFERENCE);
    return new EndpointSpec(
        name,
        endpoint.findString("target"),
        endpoint.list("inputs", EndpointReader::input),
        endpoint.list("outputs", EndpointReader::output),
        training,
        place);
  }

  private static InputSpec input(JsonNode json, String place) {
    if (json.isTextual()) {
      return new InputSpec(
          DocumentObject.string(json, place), Optional.empty(), Optional.empty(), place);
    }
    DocumentObject input = DocumentObject.of(json, place, "name", "shape", "dtype");
    return new InputSpec(
        input.string("name"),
        input.find("shape").map(shape -> shape(shape, input.place("shape"))),
        input.findString("dtype").map(dtype -> dtype(dtype, input.place("dtype"))),
        place);
  }

  private static List<Long> shape(JsonNode json, String place) {
    if (!json.isArray()) {
      throw DocumentObject.mistake(
          place, "expected a list of sizes, found %s", DocumentObject.shorten(json));
    }
    List<Long> sizes = new ArrayList<>();
    for (JsonNode size : json) {
      boolean open = size.isNull() || (size.isIntegralNumber() && size.longValue() == -1);
      if (!open && !(size.isIntegralNumber() && size.longValue() >= 0)) {
        throw DocumentObject.mistake(
            "%s[%d]".formatted(place, sizes.size()),
            "expected a size, or null where any will do, found %s",
            DocumentObject.shorten(size));
      }
      sizes.add(open ? -1 : size.longValue());
    }
    return sizes;
  }

  private static DType dtype(String name, String place) {
    try {
      return DType.of(name);
    } catch (AlphornException e) {
      throw e.at(place);
    }
  }

  private static OutputSpec output(JsonNode json, String place) {
    if (json.isTextual()) {
      return new OutputSpec(
          List.of(),
          Optional.of(DocumentObject.string(json, place)),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          place);
    }
    DocumentObject output =
        DocumentObject.of(
            json, place, "name", "names", "layer", "call", "index", "steps", "labels");
    List<String> names = output.strings("names");
    Optional<String> name = output.findString("name");
    if (name.isPresent() && !names.isEmpty()) {
      throw DocumentObject.mistake(place, "has 'name' and 'names'; expected one of them");
    }
    return new OutputSpec(
        name.map(List::of).orElse(names),
        output.findString("layer"),
        output.findIndex("call"),
        output.findIndex("index"),
        output.list("steps", EndpointReader::step),
        output.strings("labels"),
        place);
  }

  /** {@code "softmax"}, or {@code {"op": "top_k", "k": 5}}. */
  private static StepSpec step(JsonNode json, String place) {
    if (json.isTextual()) {
      return new StepSpec(
          DocumentObject.string(json, place), JsonNodeFactory.instance.objectNode(), place);
    }
    if (!json.isObject()) {
      throw DocumentObject.mistake(
          place, "expected an operation, found %s", DocumentObject.shorten(json));
    }
    String operation = DocumentObject.string(json.path("op"), place + ".op");
    ObjectNode arguments = json.deepCopy();
    arguments.remove("op");
    return new StepSpec(operation, arguments, place);
  }
}
