package io.alphorn.registry;

import io.alphorn.registry.store.DirectoryStore;
import io.alphorn.registry.store.ModelStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Chooses the store of the models by the operator's settings. */
final class Stores {
  @Produces
  @Singleton
  ModelStore store(RegistrySettings settings) {
    DirectoryStore store = new DirectoryStore(settings.models());
    store.clean();
    return store;
  }
}
