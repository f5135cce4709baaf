package io.alphorn.compiler.passes;

/**
 * The error function in double precision, by series and continued fraction (Abramowitz and Stegun,
 * 7.1.6 and 7.1.14); relative error below 1e-14.
 */
final class ErrorFunction {
  private static final double SERIES_LIMIT = 2.5;
  private static final double ONE_LIMIT = 6;
  private static final int FRACTION_DEPTH = 120;

  private ErrorFunction() {}

  static double erf(double x) {
    double magnitude = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (magnitude > ONE_LIMIT) {
      return Math.copySign(1, x);
    }
    double value = magnitude < SERIES_LIMIT ? series(magnitude) : 1 - complement(magnitude);
    return Math.copySign(value, x);
  }

  /** erf(x) = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1·3·…·(2n+1)). */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** erfc(x) = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))). */
  private static double complement(double x) {
    double fraction = x;
    for (int n = FRACTION_DEPTH; n > 0; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  }
}
