package io.alphorn.registry;

import io.alphorn.compiler.CompiledModel;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.LoadedModel;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A version of a model that is loaded.
 *
 * @param typicalRun how long the last warm-up run of one row took, in nanoseconds
 */
public record ServedVersion(String model, long version, LoadedModel loaded, long typicalRun) {
  /** The endpoints that every model has, Keras's own name first. */
  public static final List<String> ENDPOINTS = List.of("serve", "serving_default");

  private static final Set<String> KNOWN = Set.copyOf(ENDPOINTS);

  /** Runs shorter than this cost less than handing them to another thread. */
  private static final long LIGHT_NANOSECONDS = 500_000;

  /** Shorter requests are read in less time than that. */
  private static final long LIGHT_BYTES = 32 << 10;

  public CompiledModel compiled() {
    return loaded.model();
  }

  /** Whether {@code endpoint} names one of this version's endpoints; "" is the default one. */
  public boolean hasEndpoint(String endpoint) {
    return endpoint.isEmpty() || KNOWN.contains(endpoint);
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
