package io.alphorn.api.drain;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not ready as soon as the server has been told to stop, while it still answers. */
@Readiness
public class Accepting implements HealthCheck {
  private final Drain drain;

  Accepting(Drain drain) {
    this.drain = drain;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("accepting").status(!drain.isDraining()).build();
  }
}
