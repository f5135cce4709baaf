package io.alphorn.registry;

import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.LoadedModel;
import java.util.Optional;

/**
 * A version of a model that is loaded.
 *
 * @param document the endpoints that its users gave it
 * @param typicalRun how long the last warm-up run of one row took, in nanoseconds
 */
public record ServedVersion(
    String model, long version, EndpointDocument document, LoadedModel loaded, long typicalRun) {
  /** Runs shorter than this cost less than handing them to another thread. */
  private static final long LIGHT_NANOSECONDS = 500_000;

  /** Shorter requests are read in less time than that. */
  private static final long LIGHT_BYTES = 32 << 10;

  public CompiledModel compiled() {
    return loaded.model();
  }

  /** The endpoint of this name; "" is the default one. */
  public Optional<CompiledEndpoint> endpoint(String name) {
    return compiled().find(name);
  }

  /**
   * Whether a request may be answered on the thread that read it.
   *
   * @param bytes of the request: many of them hold many rows, or take long to read by themselves
   */
  public boolean isLight(long bytes) {
    return typicalRun < LIGHT_NANOSECONDS && bytes < LIGHT_BYTES;
  }

  /** Holds the version loaded; empty when it is being closed already. */
  Optional<Lease> lease() {
    return loaded.retain() ? Optional.of(new Lease(this)) : Optional.empty();
  }

  /**
   * Holds a version loaded until it is closed: closing a native session that still runs would end
   * the process.
   */
  public record Lease(ServedVersion version) implements AutoCloseable {
    @Override
    public void close() {
      version.loaded().release();
    }
  }

  static AlphornException notServed(String model, Optional<Long> version) {
    return version.isPresent()
        ? AlphornException.notFound(
            "Servable not found for request: Specific(%s, %d)", model, version.get())
        : AlphornException.notFound("Servable not found for request: Latest(%s)", model);
  }
}
