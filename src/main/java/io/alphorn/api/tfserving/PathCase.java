package io.alphorn.api.tfserving;

import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** TensorFlow Serving reads paths without regard to case; what follows here does not. */
@ApplicationScoped
public class PathCase {
  private static final String PREFIX = "/v1/models";
  private static final String OTHER_CASE = "(?!/v1/models)(?i)/v1/models(/.*)?";

  void routes(@Observes Router router) {
    router
        .routeWithRegex(OTHER_CASE)
        .order(-2)
        .handler(
            context -> {
              String uri = context.request().uri();
              context.reroute(PREFIX + uri.substring(PREFIX.length()));
            });
  }
}
