package io.alphorn.registry;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.ModelOutline;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.registry.store.ModelName;
import io.alphorn.registry.store.ModelStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;

/** What the archives of the models hold: what a model is, beside what it predicts. */
@ApplicationScoped
public class ModelArchives {
  private final ModelCompiler compiler = new ModelCompiler();
  private final ModelRegistry registry;
  private final ModelStore store;

  ModelArchives(ModelRegistry registry, ModelStore store) {
    this.registry = registry;
    this.store = store;
  }

  /**
   * The version that serves; without a number the newest. Variables may be read from it after it is
   * withdrawn, since they lie in its archive and not in the memory that it runs in.
   *
   * @throws AlphornException NOT_FOUND when it is not served
   */
  public ServedVersion served(String model, Optional<Long> version) {
    try (Lease lease = registry.lease(model, version)) {
      return lease.version();
    }
  }

  /** The collections of the variables of a version that serves. */
  public VariableCollections collections(ServedVersion version) {
    return VariableCollections.of(
        version.compiled().variables(), version.document().variableCollections());
  }

  /**
   * The collections of a version's variables, whether it serves or only lies in the store.
   *
   * @throws AlphornException NOT_FOUND when there is no such version
   */
  public VariableCollections collections(String model, long version) {
    try {
      return collections(served(model, Optional.of(version)));
    } catch (AlphornException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return read(
          model, version, archive -> VariableCollections.of(compiler.compile(archive).variables()));
    }
  }

  /** The contents of the {@code config.json} of a version that serves, byte for byte. */
  public byte[] config(ServedVersion version) {
    return read(version.model(), version.version(), KerasArchive::configText);
  }

  /** What Keras's {@code model.summary()} tells of a version that serves. */
  public ModelOutline outline(ServedVersion version) {
    return read(
        version.model(),
        version.version(),
        archive -> ModelOutline.of(archive, version.compiled().variables()));
  }

  private <T> T read(String model, long version, Function<KerasArchive, T> reader) {
    ModelName.require(model);
    if (!store.versions(model).contains(version)) {
      throw AlphornException.notFound("Could not find version %d of model %s", version, model);
    }
    try (KerasArchive archive =
        KerasArchive.open(store.folder(model, version).archive(), ArchiveLimits.defaults())) {
      return reader.apply(archive);
    }
  }
}
