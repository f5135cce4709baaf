package io.alphorn.registry;

/** The life of a version, with TensorFlow Serving's names and numbers. */
public enum VersionState {
  START(10),
  LOADING(20),
  AVAILABLE(30),
  UNLOADING(40),
  END(50);

  private final int number;

  VersionState(int number) {
    this.number = number;
  }

  /** The number in {@code tensorflow.serving.ModelVersionStatus.State}. */
  public int number() {
    return number;
  }
}
