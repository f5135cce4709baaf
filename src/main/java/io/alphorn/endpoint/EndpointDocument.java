package io.alphorn.endpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code endpoints.json}: the endpoints that a model has beside {@code serve}, in order. Immutable;
 * keeps the JSON as its author wrote it.
 */
public final class EndpointDocument {
  /** What the file is called beside a model's archive. */
  public static final String FILE = "endpoints.json";

  private static final String ENDPOINTS = "endpoints";
  private static final String COLLECTIONS = "variable_collections";
  private static final String NAME = "name";
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final ObjectNode json;
  private final List<EndpointSpec> endpoints;
  private final List<VariableCollectionSpec> variableCollections;

  private EndpointDocument(ObjectNode json) {
    this.json = json;
    this.endpoints =
        DocumentObject.of(json, "$", ENDPOINTS, COLLECTIONS).list(ENDPOINTS, EndpointReader::read);
    this.variableCollections =
        json.has(COLLECTIONS)
            ? VariableCollectionSpec.parseAll(json.get(COLLECTIONS), "$." + COLLECTIONS)
            : List.of();
    requireDistinctNames();
  }

  /** A model without a document. */
  public static EndpointDocument empty() {
    return new EndpointDocument(JSON.createObjectNode());
  }

  /**
   * Reads a document.
   *
   * @throws AlphornException INVALID_ARGUMENT with the path in the document
   */
  public static EndpointDocument read(byte[] bytes) {
    JsonNode json = parse(bytes);
    if (!(json instanceof ObjectNode object) || object.isEmpty()) {
      throw DocumentObject.mistake(
          "$", "expected an object with '%s', found %s", ENDPOINTS, DocumentObject.shorten(json));
    }
    return new EndpointDocument(object);
  }

  private static JsonNode parse(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw AlphornException.invalidArgument(
          "%s: not JSON: %s at %s",
          FILE, e.getOriginalMessage(), e.getLocation().offsetDescription());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail to be read", e);
    }
  }

  private void requireDistinctNames() {
    Set<String> names = new HashSet<>();
    for (EndpointSpec endpoint : endpoints) {
      if (!names.add(endpoint.name())) {
        throw DocumentObject.mistake(
            endpoint.place() + "." + NAME, "Endpoint name '%s' is already taken.", endpoint.name());
      }
    }
  }

  public boolean isEmpty() {
    return json.isEmpty();
  }

  /** What the document holds, as it was written. */
  public JsonNode json() {
    return json.deepCopy();
  }

  public byte[] bytes() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was read can be written", e);
    }
  }

  /**
   * All endpoints of the model: first {@code serve}, unless the document has one of that name
   * itself.
   */
  public List<EndpointSpec> endpoints() {
    List<EndpointSpec> all = new ArrayList<>();
    if (endpoints.stream().noneMatch(own -> own.name().equals(EndpointSpec.SERVE.name()))) {
      all.add(EndpointSpec.SERVE);
    }
    all.addAll(endpoints);
    return all;
  }

  /** The collections of variables that the model has beside those that every model has. */
  public List<VariableCollectionSpec> variableCollections() {
    return variableCollections;
  }

  /**
   * The document with an endpoint put in the place of one of the same name, or after all others.
   *
   * @param bytes the endpoint as a JSON object, which may leave out its name
   */
  public EndpointDocument with(String name, byte[] bytes) {
    if (!(parse(bytes) instanceof ObjectNode endpoint)) {
      throw DocumentObject.mistake("$", "expected an object that describes the endpoint");
    }
    if (endpoint.has(NAME) && !endpoint.path(NAME).asText().equals(name)) {
      throw DocumentObject.mistake(
          "$." + NAME, "expected '%s', as the path says, found %s", name, endpoint.get(NAME));
    }
    endpoint.put(NAME, name);
    EndpointReader.read(endpoint, "$");
    ObjectNode changed = json.deepCopy();
    ArrayNode list = changed.withArray(ENDPOINTS);
    int index = index(list, name);
    if (index < 0) {
      list.add(endpoint);
    } else {
      list.set(index, endpoint);
    }
    return new EndpointDocument(changed);
  }

  /**
   * The document without an endpoint.
   *
   * @throws AlphornException NOT_FOUND when it has none of that name
   */
  public EndpointDocument without(String name) {
    ObjectNode changed = json.deepCopy();
    ArrayNode list = changed.withArray(ENDPOINTS);
    int index = index(list, name);
    if (index < 0) {
      throw AlphornException.notFound("the document has no endpoint '%s'", name);
    }
    list.remove(index);
    if (list.isEmpty()) {
      changed.remove(ENDPOINTS);
    }
    return new EndpointDocument(changed);
  }

  private static int index(ArrayNode list, String name) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).path(NAME).asText().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
