package io.alphorn.compiler.ops;

import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** {@code keras.ops.image.map_coordinates}: a tensor read between its elements. */
record CoordinateMap(boolean linear, FillMode fillMode, double fill) {
  /** Reads {@code x} at coordinates of [axes of x, …]. */
  Tensor apply(Tensor x, Tensor coordinates) {
    long[] shape = Arrays.copyOfRange(coordinates.shape(), 1, coordinates.rank());
    int count = Math.toIntExact(Tensor.elements(shape));
    DoubleUnaryOperator rounding = rounding(coordinates.dtype());
    double[] elements = HostTensors.reals(x);
    double[] places = HostTensors.reals(coordinates);
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      double[] place = new double[x.rank()];
      for (int axis = 0; axis < place.length; axis++) {
        place[axis] = places[axis * count + i];
      }
      result[i] = read(elements, x.shape(), place, rounding);
    }
    if (x.dtype().isFloating()) {
      return HostTensors.ofReals(x.dtype(), shape, result);
    }
    long[] whole = Arrays.stream(result).mapToLong(value -> (long) Math.rint(value)).toArray();
    return HostTensors.ofIntegers(x.dtype(), shape, whole);
  }

  /** Keras weighs and sums in the type of the coordinates; a single step in double rounds alike. */
  private static DoubleUnaryOperator rounding(DType coordinates) {
    return coordinates == DType.FLOAT64 ? value -> value : value -> (float) value;
  }

  /** The weighted sum of the corners around a place; of order 0 the nearest one. */
  private double read(
      double[] elements, long[] shape, double[] place, DoubleUnaryOperator rounding) {
    int corners = linear ? 1 << place.length : 1;
    double sum = 0;
    for (int corner = 0; corner < corners; corner++) {
      double weight = 1;
      long index = 0;
      boolean inside = true;
      for (int axis = 0; axis < place.length; axis++) {
        double lower = linear ? Math.floor(place[axis]) : Math.rint(place[axis]);
        int upper = corner >> (place.length - 1 - axis) & 1;
        double beyond = rounding.applyAsDouble(place[axis] - lower);
        double share = upper == 1 ? beyond : rounding.applyAsDouble(1 - beyond);
        weight = linear ? rounding.applyAsDouble(weight * share) : 1;
        long at = (long) lower + upper;
        inside &= at >= 0 && at < shape[axis];
        index = index * shape[axis] + fillMode.inside(at, shape[axis]);
      }
      boolean filled = fillMode == FillMode.CONSTANT && !inside;
      double element = rounding.applyAsDouble(filled ? fill : elements[Math.toIntExact(index)]);
      sum = rounding.applyAsDouble(sum + rounding.applyAsDouble(weight * element));
    }
    return sum;
  }
}
