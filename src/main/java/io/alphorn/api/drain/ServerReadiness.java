package io.alphorn.api.drain;

import io.alphorn.registry.ModelRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** Whether load balancers should send requests here; every protocol tells the same. */
@ApplicationScoped
public class ServerReadiness {
  private final ModelRegistry registry;
  private final Drain drain;

  ServerReadiness(ModelRegistry registry, Drain drain) {
    this.registry = registry;
    this.drain = drain;
  }

  /** The models that were there at the start have been loaded, and the server does not stop. */
  public boolean isReady() {
    return registry.isReady() && !drain.isDraining();
  }
}
