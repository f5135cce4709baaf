package io.alphorn.registry;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.Diagnosis;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.registry.store.VersionFolder;
import io.alphorn.runtime.LoadedModel;
import io.alphorn.runtime.RuntimeSettings;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** From an archive on disk to a version that is ready to serve: compiled, loaded and warmed. */
@ApplicationScoped
class ModelLoader {
  private static final Logger LOG = Logger.getLogger(ModelLoader.class);
  private static final int WARM_UP_RUNS = 3;

  private final ModelCompiler compiler = new ModelCompiler();
  private final RuntimeSettings settings;
  private final MeterRegistry metrics;

  ModelLoader(RegistrySettings settings, MeterRegistry metrics) {
    this.settings = settings.runtime().settings();
    this.metrics = metrics;
  }

  /** Loads what a folder holds, see {@link #load(String, long, Path, EndpointDocument)}. */
  ServedVersion load(String model, long version, VersionFolder folder) {
    return load(model, version, folder.archive(), folder.endpoints());
  }

  /**
   * Loads an archive with the endpoints of a document.
   *
   * @throws UnsupportedModelException when it holds layers that cannot be compiled
   * @throws AlphornException when it is damaged or its parts do not fit together
   */
  ServedVersion load(String model, long version, Path path, EndpointDocument document) {
    long start = System.nanoTime();
    String code = "INTERNAL";
    try {
      ServedVersion served = read(model, version, path, document);
      code = "OK";
      LOG.infof(
          "model %s version %d loaded in %d ms, one row takes %d us",
          model, version, (System.nanoTime() - start) / 1_000_000, served.typicalRun() / 1000);
      return served;
    } catch (AlphornException e) {
      code = e.code().name();
      throw e;
    } catch (UnsupportedModelException e) {
      code = ErrorCode.UNIMPLEMENTED.name();
      throw e;
    } finally {
      // Names that clients make up are no labels.
      metrics
          .timer("alphorn.loads", "model", code.equals("OK") ? model : "", "code", code)
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  private ServedVersion read(String model, long version, Path path, EndpointDocument document) {
    try (KerasArchive archive = KerasArchive.open(path, ArchiveLimits.defaults())) {
      LoadedModel loaded = new LoadedModel(compile(archive, document), settings);
      try {
        return new ServedVersion(model, version, document, loaded, warmUp(loaded));
      } catch (RuntimeException e) {
        loaded.close();
        throw e;
      }
    }
  }

  private CompiledModel compile(KerasArchive archive, EndpointDocument document) {
    List<Diagnosis.Finding> findings = compiler.diagnose(archive);
    if (!findings.isEmpty()) {
      throw new UnsupportedModelException(findings);
    }
    CompiledModel compiled = compiler.compile(archive, document.endpoints());
    VariableCollections.requireFitting(compiled.variables(), document.variableCollections());
    return compiled;
  }

  /** Runs one row of zeros, so that the first client does not wait for buffers and kernels. */
  private static long warmUp(LoadedModel loaded) {
    List<Tensor> zeros = loaded.model().inputs().stream().map(ModelLoader::zeros).toList();
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      long start = System.nanoTime();
      try {
        loaded.run(zeros);
      } catch (AlphornException e) {
        if (e.code() == ErrorCode.INTERNAL) {
          throw e;
        }
        // Zeros, or a size of 1 for what the model leaves open, need not be legal input.
        LOG.debugf("warm-up of %s: %s", loaded.model().name(), e.getMessage());
      }
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    return fastest;
  }

  private static Tensor zeros(TensorSpec spec) {
    long[] shape = Arrays.stream(spec.shape().sizes()).map(size -> size < 0 ? 1 : size).toArray();
    if (spec.dtype() == DType.STRING) {
      byte[][] empty = new byte[(int) Tensor.elements(shape)][0];
      return Tensor.ofStrings(shape, empty);
    }
    return Tensor.of(spec.dtype(), shape, Tensor.allocate(spec.dtype(), shape));
  }
}
