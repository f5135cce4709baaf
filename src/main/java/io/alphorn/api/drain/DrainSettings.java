package io.alphorn.api.drain;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How a server that is told to stop comes to its end, under {@code alphorn.drain}. */
@ConfigMapping(prefix = "alphorn.drain")
public interface DrainSettings {
  /** How long it goes on taking requests while load balancers notice that it is not ready. */
  @WithDefault("0s")
  Duration delay();

  /** How long the requests that it took may go on after that. */
  @WithDefault("35s")
  Duration timeout();
}
