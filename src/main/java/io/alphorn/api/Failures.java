package io.alphorn.api;

import io.alphorn.api.tfserving.ModelPath;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.UnsupportedModelException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser.MalformedMessageException;

/** Errors as clients see them: {@code {"error": message}}, and nothing of what goes on inside. */
public final class Failures {
  private static final Logger LOG = Logger.getLogger(Failures.class);
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNPROCESSABLE = 422;

  @ServerExceptionMapper
  Response map(AlphornException e) {
    return json(e.code().httpStatus(), Map.of("error", e.getMessage()));
  }

  /** What cannot be compiled is listed whole, so that the user can mend it in one go. */
  @ServerExceptionMapper
  Response map(UnsupportedModelException e) {
    List<Map<String, String>> unsupported =
        e.findings().stream()
            .map(
                finding -> {
                  Map<String, String> entry = new LinkedHashMap<>();
                  entry.put("path", finding.path());
                  entry.put("class_name", finding.className());
                  if (finding.registeredName() != null) {
                    entry.put("registered_name", finding.registeredName());
                  }
                  entry.put("reason", finding.reason());
                  return entry;
                })
            .toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", "the model cannot be compiled: " + e.getMessage());
    body.put("unsupported", unsupported);
    return json(UNPROCESSABLE, body);
  }

  /**
   * A path or a method that TensorFlow Serving's part of the API has not is a request gone wrong.
   */
  @ServerExceptionMapper
  Response map(WebApplicationException e, HttpServerRequest request) {
    int status = e.getResponse().getStatus();
    boolean unknown = status == NOT_FOUND || status == METHOD_NOT_ALLOWED;
    return unknown && request.path().startsWith("/v1/")
        ? map(ModelPath.malformed(request.method().name(), request.path()))
        : json(status, Map.of("error", Response.Status.fromStatusCode(status) + ""));
  }

  @ServerExceptionMapper
  Response map(MalformedMessageException e) {
    return map(AlphornException.invalidArgument("the body is no multipart form"));
  }

  @ServerExceptionMapper
  Response map(RuntimeException e) {
    return map(internal(e));
  }

  /** An unforeseen exception as an error that tells nothing of the server; the log has the rest. */
  public static AlphornException internal(Throwable e) {
    if (e instanceof AlphornException known) {
      return known;
    }
    LOG.error("unforeseen failure", e);
    return new AlphornException(
        ErrorCode.INTERNAL, "internal error; the server's log says more", e);
  }

  private static Response json(int status, Object body) {
    return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(body).build();
  }
}
