package io.alphorn.api;

import io.alphorn.registry.ModelRegistry;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that the models that were there at the start have been loaded. */
@Readiness
public class ModelsReady implements HealthCheck {
  private final ModelRegistry registry;

  ModelsReady(ModelRegistry registry) {
    this.registry = registry;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("models").status(registry.isReady()).build();
  }
}
