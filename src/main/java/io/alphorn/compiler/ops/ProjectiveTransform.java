package io.alphorn.compiler.ops;

import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;

/**
 * TensorFlow's {@code ImageProjectiveTransformV3}: each pixel of the output is read where eight
 * coefficients place it in the input, in float32.
 */
record ProjectiveTransform(boolean bilinear, FillMode fillMode, float fill) {
  private static final int COEFFICIENTS = 8;

  /**
   * Transforms images of [batch, height, width, channels].
   *
   * @param coefficients eight for each image, or eight for all
   */
  Tensor apply(Tensor images, double[] coefficients) {
    long[] shape = images.shape();
    int height = Math.toIntExact(shape[1]);
    int width = Math.toIntExact(shape[2]);
    int channels = Math.toIntExact(shape[3]);
    double[] result = new double[Math.toIntExact(images.size())];
    float filled = fillOf(images.dtype());
    Image image = new Image(HostTensors.reals(images), height, width, channels, filled);
    int at = 0;
    for (int batch = 0; batch < shape[0]; batch++) {
      int from = coefficients.length == COEFFICIENTS ? 0 : batch * COEFFICIENTS;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          Place place = place(coefficients, from, x, y);
          for (int channel = 0; channel < channels; channel++) {
            result[at++] = place == Place.NOWHERE ? filled : read(image, batch, place, channel);
          }
        }
      }
    }
    return images.dtype().isFloating()
        ? HostTensors.ofReals(images.dtype(), shape, result)
        : HostTensors.ofIntegers(
            images.dtype(), shape, Arrays.stream(result).mapToLong(v -> (long) v).toArray());
  }

  /** What is outside, as a pixel of this type: integers are cut. */
  private float fillOf(DType dtype) {
    return dtype.isFloating()
        ? (float) HostTensors.reals(HostTensors.ofReals(dtype, new long[0], new double[] {fill}))[0]
        : (long) fill;
  }

  /** A point of the input. */
  private record Place(float x, float y) {
    /** Where the projection has no image. */
    private static final Place NOWHERE = new Place(Float.NaN, Float.NaN);
  }

  private static Place place(double[] coefficients, int from, int x, int y) {
    float[] t = new float[COEFFICIENTS];
    for (int i = 0; i < COEFFICIENTS; i++) {
      t[i] = (float) coefficients[from + i];
    }
    float projection = t[6] * x + t[7] * y + 1;
    if (projection == 0) {
      return Place.NOWHERE;
    }
    return new Place(
        (t[0] * x + t[1] * y + t[2]) / projection, (t[3] * x + t[4] * y + t[5]) / projection);
  }

  /** The elements of a batch of images. */
  private record Image(double[] elements, int height, int width, int channels, float fill) {
    double at(int batch, long y, long x, int channel) {
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      int row = batch * height + (int) y;
      return inside ? elements[(row * width + (int) x) * channels + channel] : fill;
    }
  }

  private double read(Image image, int batch, Place place, int channel) {
    float x = fillMode.inside(place.x(), image.width());
    float y = fillMode.inside(place.y(), image.height());
    if (!bilinear) {
      return image.at(batch, rounded(y), rounded(x), channel);
    }
    long left = (long) Math.floor(x);
    long top = (long) Math.floor(y);
    float toRight = x - left;
    float toBottom = y - top;
    float above =
        (left + 1 - x) * (float) image.at(batch, top, left, channel)
            + toRight * (float) image.at(batch, top, left + 1, channel);
    float below =
        (left + 1 - x) * (float) image.at(batch, top + 1, left, channel)
            + toRight * (float) image.at(batch, top + 1, left + 1, channel);
    return (top + 1 - y) * above + toBottom * below;
  }

  /** Halves away from zero, as C's {@code round}. */
  private static long rounded(float value) {
    return (long) Math.copySign(Math.floor(Math.abs((double) value) + 0.5), value);
  }
}
