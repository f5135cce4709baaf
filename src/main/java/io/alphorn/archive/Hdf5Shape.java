package io.alphorn.archive;

import io.alphorn.error.AlphornException;

/** The dataspace message: how many elements, in which dimensions. */
final class Hdf5Shape {
  private static final int MAX_RANK = 32;
  private static final int NULL_SPACE = 2;
  private static final long[] EMPTY = {0};

  private Hdf5Shape() {}

  /** The dimensions; none for a scalar, a single 0 for the null space, which holds nothing. */
  static long[] read(Hdf5Space space, Bytes message) {
    ByteCursor cursor = new ByteCursor(message);
    int version = cursor.uint8();
    int rank = cursor.uint8();
    cursor.skip(1);
    if (version < 1 || version > 2 || rank > MAX_RANK) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a dataspace of version %d and rank %d", space.name(), version, rank);
    }
    if (version == 1) {
      cursor.skip(5);
    } else if (cursor.uint8() == NULL_SPACE) {
      return EMPTY.clone();
    }
    long[] dimensions = new long[rank];
    for (int i = 0; i < rank; i++) {
      dimensions[i] = space.length(cursor);
    }
    return dimensions;
  }

  /** Elements times bytes of each, or a refusal where no memory could hold them. */
  static long bytes(String path, long[] shape, int elementBytes) {
    long total = elementBytes;
    boolean possible = true;
    for (long dimension : shape) {
      possible &= dimension >= 0 && Math.multiplyHigh(total, dimension) == 0;
      total *= dimension;
      possible &= total >= 0;
    }
    if (!possible) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a shape of %s that no memory holds",
          path, java.util.Arrays.toString(shape));
    }
    return total;
  }
}
