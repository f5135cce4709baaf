package io.alphorn.api.tfserving;

import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Shapes as TensorFlow prints them. */
final class Shapes {
  private Shapes() {}

  static String text(Tensor tensor) {
    return Arrays.stream(tensor.shape())
        .mapToObj(Long::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
