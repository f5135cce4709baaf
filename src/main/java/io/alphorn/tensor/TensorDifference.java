package io.alphorn.tensor;

import java.util.Arrays;

/**
 * How far two tensors of one type and shape lie apart, in double precision. A NaN equals a NaN, and
 * an infinity the same infinity.
 *
 * @param changed how many elements differ
 * @param maximum the greatest absolute difference of two finite elements
 * @param mean the mean absolute difference over all pairs of finite or equal elements
 * @param incomparable how many of the elements that differ are a NaN or an infinity in one of the
 *     two; they count in neither {@code maximum} nor {@code mean}
 */
public record TensorDifference(long changed, double maximum, double mean, long incomparable) {
  /**
   * Compares element by element.
   *
   * @throws IllegalArgumentException when types or shapes differ
   */
  public static TensorDifference between(Tensor one, Tensor other) {
    if (one.dtype() != other.dtype() || !Arrays.equals(one.shape(), other.shape())) {
      throw new IllegalArgumentException("cannot compare " + one + " with " + other);
    }
    if (one.bytes().mismatch(other.bytes()) < 0) {
      return new TensorDifference(0, 0, 0, 0);
    }
    Doubles first = new Doubles(one);
    Doubles second = new Doubles(other);
    CompensatedSum sum = new CompensatedSum();
    double maximum = 0;
    long changed = 0;
    long incomparable = 0;
    while (first.hasNext()) {
      double a = first.next();
      double b = second.next();
      if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
        continue;
      }
      changed++;
      double distance = Math.abs(a - b);
      if (Double.isFinite(a) && Double.isFinite(b)) {
        maximum = Math.max(maximum, distance);
        sum.add(distance);
      } else {
        incomparable++;
      }
    }
    long compared = one.size() - incomparable;
    return new TensorDifference(
        changed, maximum, compared == 0 ? 0 : sum.value() / compared, incomparable);
  }
}
