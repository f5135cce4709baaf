package io.alphorn.tensor;

/**
 * What is worth knowing of a tensor's elements at a glance, computed in double precision. Minimum,
 * maximum, mean and standard deviation are those of the finite elements, and NaN when there is
 * none.
 *
 * @param standardDeviation of the elements as the whole population, as {@code numpy.std}
 */
public record TensorStatistics(
    long elements,
    double minimum,
    double maximum,
    double mean,
    double standardDeviation,
    long nans,
    long positiveInfinities,
    long negativeInfinities) {

  /**
   * Reads the tensor twice: squares about a mean that is known lose no digits.
   *
   * @throws io.alphorn.error.AlphornException UNIMPLEMENTED for complex numbers and strings
   */
  public static TensorStatistics of(Tensor tensor) {
    long nans = 0;
    long positive = 0;
    long negative = 0;
    double minimum = Double.POSITIVE_INFINITY;
    double maximum = Double.NEGATIVE_INFINITY;
    CompensatedSum sum = new CompensatedSum();
    long finite = 0;
    for (Doubles elements = new Doubles(tensor); elements.hasNext(); ) {
      double element = elements.next();
      if (Double.isFinite(element)) {
        finite++;
        sum.add(element);
        minimum = Math.min(minimum, element);
        maximum = Math.max(maximum, element);
      } else if (Double.isNaN(element)) {
        nans++;
      } else if (element > 0) {
        positive++;
      } else {
        negative++;
      }
    }
    if (finite == 0) {
      minimum = Double.NaN;
      maximum = Double.NaN;
    }
    double mean = sum.value() / finite;
    double deviation = Math.sqrt(squares(tensor, mean) / finite);
    return new TensorStatistics(
        tensor.size(), minimum, maximum, mean, deviation, nans, positive, negative);
  }

  private static double squares(Tensor tensor, double mean) {
    CompensatedSum sum = new CompensatedSum();
    for (Doubles elements = new Doubles(tensor); elements.hasNext(); ) {
      double distance = elements.next() - mean;
      if (Double.isFinite(distance)) {
        sum.add(distance * distance);
      }
    }
    return sum.value();
  }
}
