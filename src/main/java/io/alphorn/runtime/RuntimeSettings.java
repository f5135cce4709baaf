package io.alphorn.runtime;

/**
 * How models are run.
 *
 * @param threads of the pool that all models share, the calling thread among them; an operator that
 *     is worth it is split over them. The first model that is loaded decides for the process
 * @param weights how ONNX Runtime holds the weights of models loaded from now on
 */
public record RuntimeSettings(int threads, Weights weights) {
  /** How ONNX Runtime holds a model's weights. */
  public enum Weights {
    /** Copied once more into the order that its kernels read fastest. */
    PREPACKED,
    /** Read from the archive's pages in the file cache: no copy, slower matrix products. */
    MAPPED
  }

  public RuntimeSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("at least one thread, not " + threads);
    }
  }

  /** One thread a processor, prepacked weights. */
  public static RuntimeSettings defaults() {
    return new RuntimeSettings(Runtime.getRuntime().availableProcessors(), Weights.PREPACKED);
  }
}
