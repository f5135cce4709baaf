package io.alphorn.registry;

import io.alphorn.runtime.RuntimeSettings;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** What an operator may set of the registry, under {@code alphorn}. */
@ConfigMapping(prefix = "alphorn")
public interface RegistrySettings {
  /** The folder with the models, as {@code NAME/VERSION/model.keras}. */
  Path models();

  /**
   * How many of the newest versions of each model are served; TensorFlow Serving's default is 1.
   */
  @WithDefault("1")
  int servedVersions();

  /** Whether a new label may lead to a version that does not serve (yet). */
  @WithDefault("false")
  boolean allowVersionLabelsForUnavailableModels();

  /** How often the folder is looked at for versions that came or went; 0 is never. */
  @WithDefault("1s")
  Duration pollInterval();

  /** How many models are compiled and loaded at the same time. */
  @WithDefault("2")
  int loadingThreads();

  /** How long the end of the server waits for models that are being loaded. */
  @WithDefault("30s")
  Duration stopTimeout();

  /** The largest archive that is taken as an upload, in bytes. */
  @WithDefault("4294967296")
  long maxUploadBytes();

  /** How models are run, under {@code alphorn.runtime}. */
  Runtime runtime();

  /** See {@link RuntimeSettings}. */
  interface Runtime {
    /** Threads that all models share for their operators; 0: one a processor. */
    @WithDefault("0")
    int threads();

    /** How weights are held: {@code prepacked} is faster for batches, {@code mapped} smaller. */
    @WithDefault("prepacked")
    RuntimeSettings.Weights weights();

    default RuntimeSettings settings() {
      return new RuntimeSettings(
          threads() > 0 ? threads() : RuntimeSettings.defaults().threads(), weights());
    }
  }
}
