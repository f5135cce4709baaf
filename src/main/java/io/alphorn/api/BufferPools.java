package io.alphorn.api;

import io.alphorn.runtime.BufferPool;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The memory that requests of all protocols use by turns. */
public final class BufferPools {
  @Produces
  @Singleton
  BufferPool pool(ApiSettings settings) {
    return new BufferPool(settings.maxPooledBytes());
  }
}
