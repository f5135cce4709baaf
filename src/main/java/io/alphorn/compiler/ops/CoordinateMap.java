package io.alphorn.compiler.ops;

import io.alphorn.tensor.Tensor;
import java.util.Arrays;

/** {@code keras.ops.image.map_coordinates}: a tensor read between its elements. */
record CoordinateMap(boolean linear, FillMode fillMode, double fill) {
  /** Reads {@code x} at coordinates of [axes of x, …]. */
  Tensor apply(Tensor x, Tensor coordinates) {
    long[] shape = Arrays.copyOfRange(coordinates.shape(), 1, coordinates.rank());
    int count = Math.toIntExact(Tensor.elements(shape));
    double[] elements = HostTensors.reals(x);
    double[] places = HostTensors.reals(coordinates);
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      double[] place = new double[x.rank()];
      for (int axis = 0; axis < place.length; axis++) {
        place[axis] = places[axis * count + i];
      }
      result[i] = read(elements, x.shape(), place);
    }
    if (x.dtype().isFloating()) {
      return HostTensors.ofReals(x.dtype(), shape, result);
    }
    long[] whole = Arrays.stream(result).mapToLong(value -> (long) Math.rint(value)).toArray();
    return HostTensors.ofIntegers(x.dtype(), shape, whole);
  }

  /** The weighted sum of the corners around a place; of order 0 the nearest one. */
  private double read(double[] elements, long[] shape, double[] place) {
    int corners = linear ? 1 << place.length : 1;
    double sum = 0;
    for (int corner = 0; corner < corners; corner++) {
      double weight = 1;
      long index = 0;
      boolean inside = true;
      for (int axis = 0; axis < place.length; axis++) {
        double lower = linear ? Math.floor(place[axis]) : Math.rint(place[axis]);
        int upper = corner >> axis & 1;
        double beyond = place[axis] - lower;
        weight *= !linear ? 1 : upper == 1 ? beyond : 1 - beyond;
        long at = (long) lower + upper;
        inside &= at >= 0 && at < shape[axis];
        index = index * shape[axis] + fillMode.inside(at, shape[axis]);
      }
      boolean filled = fillMode == FillMode.CONSTANT && !inside;
      sum += weight * (filled ? fill : elements[Math.toIntExact(index)]);
    }
    return sum;
  }
}
