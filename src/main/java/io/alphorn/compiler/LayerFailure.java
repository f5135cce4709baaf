package io.alphorn.compiler;

import io.alphorn.error.AlphornException;
import io.alphorn.keras.SerializedObject;

/** Carries an error out of nested calls with the path of the innermost layer that it came from. */
final class LayerFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String className;
  private final transient AlphornException error;

  LayerFailure(String path, SerializedObject layer, AlphornException error) {
    super(error.getMessage(), error);
    this.path = path;
    this.className = layer.className();
    this.error = error;
  }

  String path() {
    return path;
  }

  /** The error without the layer that it came from. */
  AlphornException error() {
    return error;
  }

  /** The error as the user sees it. */
  AlphornException toException() {
    return error.at("layer '%s' (%s)".formatted(path, className));
  }
}
