package io.alphorn.compiler.ops.linalg;

/** A complex number. */
public record Complex(double re, double im) {
  Complex over(Complex other) {
    double square = other.re * other.re + other.im * other.im;
    return new Complex(
        (re * other.re + im * other.im) / square, (im * other.re - re * other.im) / square);
  }

  Complex over(double divisor) {
    return new Complex(re / divisor, im / divisor);
  }
}
