package io.alphorn.api;

import io.alphorn.error.AlphornException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Lets web pages of other origins ask, when the settings say so, with TensorFlow Serving's headers
 * and its answers to a browser's question beforehand ({@code http_server.cc}).
 */
@ApplicationScoped
public class CrossOrigin {
  private static final String PATHS = "(?i)/v[12](/.*)?";
  private static final Pattern ORIGIN = Pattern.compile("https?://");

  private final boolean enabled;

  CrossOrigin(ApiSettings settings) {
    this.enabled = settings.cors();
  }

  void routes(@Observes Router router) {
    if (enabled) {
      router.routeWithRegex(PATHS).order(-3).handler(CrossOrigin::answer);
    }
  }

  private static void answer(RoutingContext context) {
    HttpServerRequest request = context.request();
    request
        .response()
        .putHeader("Access-Control-Allow-Origin", "*")
        .putHeader("Access-Control-Allow-Methods", "POST, GET")
        .putHeader("Access-Control-Allow-Headers", "Content-Type");
    if (!request.method().equals(HttpMethod.OPTIONS)) {
      context.next();
      return;
    }
    String origin = request.getHeader("Origin");
    if (origin != null && ORIGIN.matcher(origin).find()) {
      request.response().end();
    } else {
      new RestCall(request)
          .refuse(
              AlphornException.failedPrecondition("Origin header is missing in CORS preflight"));
    }
  }
}
