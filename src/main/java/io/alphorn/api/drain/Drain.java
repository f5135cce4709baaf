package io.alphorn.api.drain;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Ends the taking of requests. First the server tells that it is not ready, and still takes what
 * comes while load balancers notice; then it takes nothing new, and what it has taken is finished.
 */
@ApplicationScoped
public class Drain {
  /** Fired as soon as the server has been told to stop, while it still answers. */
  public record Begun() {}

  private static final Logger LOG = Logger.getLogger(Drain.class);

  private final DrainSettings settings;
  private final Event<Begun> begun;
  private final InFlight requests = new InFlight();
  private volatile boolean draining;

  Drain(DrainSettings settings, Event<Begun> begun) {
    this.settings = settings;
    this.begun = begun;
  }

  /** Whether the server has been told to stop. */
  public boolean isDraining() {
    return draining;
  }

  InFlight requests() {
    return requests;
  }

  /** Returns when no request is on, or when those that are have had their time. */
  public void run() throws InterruptedException {
    draining = true;
    begun.fire(new Begun());
    LOG.infof("not ready any more; requests are taken for %s yet", settings.delay());
    TimeUnit.NANOSECONDS.sleep(settings.delay().toNanos());
    requests.close();
    if (!requests.awaitNone(settings.timeout())) {
      LOG.warnf(
          "%d requests are cut off after %s (alphorn.drain.timeout)",
          requests.count(), settings.timeout());
    }
  }
}
