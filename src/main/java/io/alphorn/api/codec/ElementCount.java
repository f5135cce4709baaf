package io.alphorn.api.codec;

import io.alphorn.error.AlphornException;
import java.util.Arrays;

/** How many elements a request says that a tensor has, before any memory is taken for them. */
final class ElementCount {
  private ElementCount() {}

  /**
   * The number of elements of a shape that a request gives.
   *
   * @throws AlphornException INVALID_ARGUMENT when it has negative sizes; RESOURCE_EXHAUSTED when
   *     there are more than {@code maxElements}
   */
  static long of(String name, long[] shape, long maxElements) {
    long elements = 1;
    for (long size : shape) {
      if (size < 0) {
        throw AlphornException.invalidArgument(
            "input '%s': shape %s has a negative size", name, Arrays.toString(shape));
      }
      if (size != 0 && elements > maxElements / size) {
        throw AlphornException.resourceExhausted(
            "input '%s': shape %s has more than %d elements, which is the limit",
            name, Arrays.toString(shape), maxElements);
      }
      elements *= size;
    }
    return elements;
  }
}
