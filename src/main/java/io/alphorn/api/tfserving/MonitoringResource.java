package io.alphorn.api.tfserving;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** TensorFlow Serving's metrics, at its path. */
@Path("/monitoring/prometheus/metrics")
@Tag(name = "TensorFlow Serving")
public class MonitoringResource {
  private final ServingMetrics metrics;

  MonitoringResource(ServingMetrics metrics) {
    this.metrics = metrics;
  }

  @GET
  @Produces(MediaType.TEXT_PLAIN)
  @NonBlocking
  @Operation(summary = "Metrics under TensorFlow Serving's names, for Prometheus")
  public String metrics() {
    return metrics.page();
  }
}
