package io.alphorn.compiler.graph;

/** The arithmetic of Python's slices over a known size. */
public final class Slices {
  private Slices() {}

  /** The number of elements of {@code range(size)[start:end:step]}. */
  public static long length(long size, long start, long end, long step) {
    if (step > 0) {
      long first = clamp(start, size, 0, size);
      long last = clamp(end, size, 0, size);
      return Math.max(0, (last - first + step - 1) / step);
    }
    long first = clamp(start, size, -1, size - 1);
    long last = clamp(end, size, -1, size - 1);
    return Math.max(0, (first - last - step - 1) / -step);
  }

  /** Whether the slice takes every element in order, whatever the size. */
  public static boolean isWhole(long start, long end, long step) {
    return start == 0 && end == Long.MAX_VALUE && step == 1;
  }

  private static long clamp(long bound, long size, long lowest, long highest) {
    long positive = bound < 0 ? bound + size : bound;
    return Math.clamp(positive, lowest, highest);
  }
}
