package io.alphorn.compiler.ops.linalg;

import java.util.Arrays;

/**
 * The discrete Fourier transform of one length, in double precision: by halves where the length is
 * a power of two, else as a convolution of such a length (Bluestein 1970). May be used by several
 * threads.
 */
public abstract sealed class FourierTransform {
  private final int length;

  private FourierTransform(int length) {
    this.length = length;
  }

  public static FourierTransform of(int length) {
    return Integer.bitCount(length) == 1 ? new PowerOfTwo(length) : new Convolution(length);
  }

  public int length() {
    return length;
  }

  /** Transforms real and imaginary parts in place. */
  public abstract void apply(double[] real, double[] imaginary);

  /** The inverse transform, in place. */
  public void applyInverse(double[] real, double[] imaginary) {
    apply(imaginary, real);
    for (int i = 0; i < length; i++) {
      real[i] /= length;
      imaginary[i] /= length;
    }
  }

  /** Cooley and Tukey's, after putting the elements into the order of their bits reversed. */
  private static final class PowerOfTwo extends FourierTransform {
    private final double[] cosines;
    private final double[] sines;

    PowerOfTwo(int length) {
      super(length);
      cosines = new double[length / 2];
      sines = new double[length / 2];
      for (int i = 0; i < length / 2; i++) {
        cosines[i] = Math.cos(2 * Math.PI * i / length);
        sines[i] = -Math.sin(2 * Math.PI * i / length);
      }
    }

    @Override
    public void apply(double[] real, double[] imaginary) {
      reorder(real);
      reorder(imaginary);
      for (int half = 1; half < length(); half *= 2) {
        int stride = length() / (2 * half);
        for (int start = 0; start < length(); start += 2 * half) {
          for (int k = 0; k < half; k++) {
            butterfly(real, imaginary, start + k, start + k + half, k * stride);
          }
        }
      }
    }

    private void butterfly(double[] real, double[] imaginary, int a, int b, int turn) {
      double re = real[b] * cosines[turn] - imaginary[b] * sines[turn];
      double im = real[b] * sines[turn] + imaginary[b] * cosines[turn];
      real[b] = real[a] - re;
      imaginary[b] = imaginary[a] - im;
      real[a] += re;
      imaginary[a] += im;
    }

    private void reorder(double[] elements) {
      int shift = Integer.numberOfLeadingZeros(length()) + 1;
      for (int i = 0; i < length(); i++) {
        int reversed = length() == 1 ? 0 : Integer.reverse(i) >>> shift;
        if (i < reversed) {
          double kept = elements[i];
          elements[i] = elements[reversed];
          elements[reversed] = kept;
        }
      }
    }
  }

  /** Bluestein's: chirp, convolve with a chirp, chirp. */
  private static final class Convolution extends FourierTransform {
    private final FourierTransform wide;
    private final double[] chirpReal;
    private final double[] chirpImaginary;
    private final double[] filterReal;
    private final double[] filterImaginary;

    Convolution(int length) {
      super(length);
      wide = new PowerOfTwo(Math.max(1, Integer.highestOneBit(2 * length) * 2));
      chirpReal = new double[length];
      chirpImaginary = new double[length];
      filterReal = new double[wide.length()];
      filterImaginary = new double[wide.length()];
      for (int i = 0; i < length; i++) {
        double angle = Math.PI * ((long) i * i % (2L * length)) / length;
        chirpReal[i] = Math.cos(angle);
        chirpImaginary[i] = -Math.sin(angle);
        int mirrored = (wide.length() - i) % wide.length();
        filterReal[i] = chirpReal[i];
        filterReal[mirrored] = chirpReal[i];
        filterImaginary[i] = -chirpImaginary[i];
        filterImaginary[mirrored] = -chirpImaginary[i];
      }
      wide.apply(filterReal, filterImaginary);
    }

    @Override
    public void apply(double[] real, double[] imaginary) {
      double[] re = Arrays.copyOf(real, wide.length());
      double[] im = Arrays.copyOf(imaginary, wide.length());
      multiply(re, im, chirpReal, chirpImaginary);
      wide.apply(re, im);
      multiply(re, im, filterReal, filterImaginary);
      wide.applyInverse(re, im);
      multiply(re, im, chirpReal, chirpImaginary);
      System.arraycopy(re, 0, real, 0, length());
      System.arraycopy(im, 0, imaginary, 0, length());
    }

    private static void multiply(
        double[] real, double[] imaginary, double[] otherReal, double[] otherImaginary) {
      for (int i = 0; i < otherReal.length; i++) {
        double re = real[i] * otherReal[i] - imaginary[i] * otherImaginary[i];
        imaginary[i] = real[i] * otherImaginary[i] + imaginary[i] * otherReal[i];
        real[i] = re;
      }
    }
  }
}
