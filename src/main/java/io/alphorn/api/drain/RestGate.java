package io.alphorn.api.drain;

import io.alphorn.api.RestCall;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;

/** Where requests over REST are counted, or refused because the server stops. */
@ApplicationScoped
public class RestGate {
  /** Before every other filter. */
  private static final int FIRST = 1000;

  /** Health and metrics: they are asked to the end. */
  private static final String OPERATIONS = "/q/";

  private final Drain drain;

  RestGate(Drain drain) {
    this.drain = drain;
  }

  void filters(@Observes Filters filters) {
    filters.register(this::pass, FIRST);
  }

  private void pass(RoutingContext context) {
    if (context.request().path().startsWith(OPERATIONS)) {
      context.next();
      return;
    }
    if (drain.isDraining()) {
      leaveConnection(context);
    }
    Optional<InFlight.Request> request = drain.requests().begin();
    if (request.isEmpty()) {
      refuse(context);
      return;
    }
    context.addEndHandler(ended -> request.get().end());
    context.next();
  }

  /** A client that keeps its connection would send its next request here again. */
  private static void leaveConnection(RoutingContext context) {
    if (context.request().version() != HttpVersion.HTTP_2) {
      context.response().putHeader("Connection", "close");
    }
  }

  private static void refuse(RoutingContext context) {
    context.response().putHeader("Retry-After", "1");
    new RestCall(context.request())
        .refuse(new AlphornException(ErrorCode.UNAVAILABLE, "the server stops; ask another one"));
  }
}
