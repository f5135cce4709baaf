package io.alphorn.tensor;

/** A sum of many doubles whose rounding errors do not add up (Neumaier's variant of Kahan's). */
final class CompensatedSum {
  private double sum;
  private double lost;

  void add(double value) {
    double next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }

  double value() {
    return sum + lost;
  }
}
