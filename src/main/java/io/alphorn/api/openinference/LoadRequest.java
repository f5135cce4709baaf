package io.alphorn.api.openinference;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The body of a load request: {@code {"parameters": {"config": text, "file:1/model.keras":
 * base64}}}. Files go to disk as they come, and are deleted when this is closed.
 */
final class LoadRequest implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  private final SortedMap<String, Path> files = new TreeMap<>();
  private boolean hasConfiguration;

  private LoadRequest() {}

  /**
   * Reads a body, which may be empty.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is no such request
   */
  static LoadRequest read(InputStream body) {
    LoadRequest request = new LoadRequest();
    boolean complete = false;
    try (JsonParser parser = JSON.createParser(body)) {
      request.readDocument(parser);
      complete = true;
    } catch (JacksonException e) {
      throw AlphornException.invalidArgument(
          "failed to parse the request: %s", e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("the request could not be read or kept", e);
    } finally {
      if (!complete) {
        request.close();
      }
    }
    return request;
  }

  boolean hasConfiguration() {
    return hasConfiguration;
  }

  SortedMap<String, Supplier<InputStream>> files() {
    SortedMap<String, Supplier<InputStream>> opened = new TreeMap<>();
    files.forEach((name, path) -> opened.put(name, () -> open(path)));
    return opened;
  }

  private static InputStream open(Path path) {
    try {
      return Files.newInputStream(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readDocument(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return;
    }
    requireObject(first, "the request");
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (key.equals("parameters")) {
        requireObject(token, "'parameters'");
        readParameters(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readParameters(JsonParser parser) throws IOException {
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (key.equals(Repository.CONFIGURATION)) {
        hasConfiguration = true;
      } else if (key.startsWith(Repository.FILE_PREFIX)) {
        requireText(token, key);
        readFile(parser, key);
      }
      parser.skipChildren();
    }
  }

  private void readFile(JsonParser parser, String name) throws IOException {
    Path file = Files.createTempFile("alphorn-load-", null);
    Path replaced = files.put(name, file);
    if (replaced != null) {
      Files.delete(replaced);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      parser.readBinaryValue(out);
    } catch (IllegalArgumentException e) {
      throw AlphornException.invalidArgument("parameter '%s' is not in base64", name);
    }
  }

  private static void requireObject(JsonToken token, String what) {
    if (token != JsonToken.START_OBJECT) {
      throw AlphornException.invalidArgument("%s must be a JSON object", what);
    }
  }

  private static void requireText(JsonToken token, String parameter) {
    if (token != JsonToken.VALUE_STRING) {
      throw AlphornException.invalidArgument(
          "parameter '%s' must be a string in base64", parameter);
    }
  }

  @Override
  public void close() {
    files.values().forEach(LoadRequest::delete);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
