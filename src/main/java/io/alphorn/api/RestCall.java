package io.alphorn.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.error.AlphornException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.function.Consumer;

/** A request over REST that is answered straight on Vert.x, as predictions are. */
public final class RestCall {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";
  private static final int OK = 200;
  private static final int REQUEST_TOO_LARGE = 413;

  private final HttpServerRequest request;

  public RestCall(HttpServerRequest request) {
    this.request = request;
  }

  public HttpServerRequest request() {
    return request;
  }

  /** Gathers the body and hands it on; one of more than {@code maxBytes} is refused. */
  public void receive(long maxBytes, Consumer<Buffer> receiver) {
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() + (long) chunk.length() > maxBytes) {
            tooLarge(maxBytes);
          } else {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(end -> receiver.accept(body));
    request.resume();
  }

  private void tooLarge(long maxBytes) {
    request.handler(null);
    request.endHandler(null);
    String message =
        "the body is larger than %d bytes, which is the limit (alphorn.api.max-request-bytes)"
            .formatted(maxBytes);
    request.response().putHeader("Connection", "close");
    send(REQUEST_TOO_LARGE, JSON_TYPE, error(message))
        .onComplete(done -> request.connection().close());
  }

  /** Answers {@code {"error": message}}. */
  public void refuse(AlphornException e) {
    send(e.code().httpStatus(), JSON_TYPE, error(e.getMessage()));
  }

  /** Answers a JSON text in UTF-8. */
  public void answer(byte[] json) {
    send(OK, JSON_TYPE, Buffer.buffer(json));
  }

  /** Answers a body of another type. */
  public void answer(String contentType, Buffer body) {
    send(OK, contentType, body);
  }

  private static Buffer error(String message) {
    try {
      return Buffer.buffer(JSON.writeValueAsBytes(Map.of("error", message)));
    } catch (JsonProcessingException e) {
      return Buffer.buffer("{\"error\": \"internal error\"}".getBytes(UTF_8));
    }
  }

  private Future<Void> send(int status, String contentType, Buffer body) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      return Future.succeededFuture();
    }
    return response.setStatusCode(status).putHeader("Content-Type", contentType).end(body);
  }
}
