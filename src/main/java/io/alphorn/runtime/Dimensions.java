package io.alphorn.runtime;

import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each symbolic dimension is in one run, read from the inputs. For one thread. */
final class Dimensions {
  /** A symbol's size and the input that told it. */
  private record Bound(long size, String input) {}

  private final Map<String, Bound> bounds = new HashMap<>();

  private Dimensions() {}

  /**
   * Checks inputs against the signature.
   *
   * @throws AlphornException INVALID_ARGUMENT when one does not fit; the message says what was
   *     expected, what came and for which input
   */
  static Dimensions of(List<TensorSpec> specs, List<Tensor> inputs) {
    if (inputs.size() != specs.size()) {
      throw AlphornException.invalidArgument(
          "expected %d inputs %s, received %d",
          specs.size(), specs.stream().map(TensorSpec::name).toList(), inputs.size());
    }
    Dimensions dimensions = new Dimensions();
    for (int i = 0; i < specs.size(); i++) {
      dimensions.check(specs.get(i), inputs.get(i));
    }
    return dimensions;
  }

  private void check(TensorSpec spec, Tensor input) {
    List<Dim> dims = spec.shape().dims();
    long[] sizes = input.shape();
    if (input.dtype() != spec.dtype() || sizes.length != dims.size()) {
      throw mismatch(spec, input, "");
    }
    for (int axis = 0; axis < sizes.length; axis++) {
      Dim dim = dims.get(axis);
      String symbol = dim.symbol();
      if (symbol != null) {
        bind(spec, input, axis, symbol);
      } else if (dim.size() != sizes[axis]) {
        throw mismatch(spec, input, ": dimension %d must be %d".formatted(axis, dim.size()));
      }
    }
  }

  private void bind(TensorSpec spec, Tensor input, int axis, String symbol) {
    long size = input.shape()[axis];
    Bound bound = bounds.putIfAbsent(symbol, new Bound(size, spec.name()));
    if (bound != null && bound.size() != size) {
      throw mismatch(
          spec,
          input,
          ": dimension %d (%s) must be %d, as it is in input '%s'"
              .formatted(axis, symbol, bound.size(), bound.input()));
    }
  }

  private static AlphornException mismatch(TensorSpec spec, Tensor input, String detail) {
    return AlphornException.invalidArgument(
        "input '%s': expected %s%s, received %s%s%s",
        spec.name(),
        spec.dtype(),
        spec.shape(),
        input.dtype(),
        Arrays.toString(input.shape()),
        detail);
  }

  /** The sizes of {@code shape}; null when the inputs do not tell all of them. */
  long @Nullable [] resolve(Shape shape) {
    long[] sizes = new long[shape.rank()];
    for (int axis = 0; axis < sizes.length; axis++) {
      Dim dim = shape.dims().get(axis);
      if (dim.symbol() == null) {
        sizes[axis] = dim.size();
      } else {
        Bound bound = bounds.get(dim.symbol());
        if (bound == null) {
          return null;
        }
        sizes[axis] = bound.size();
      }
    }
    return sizes;
  }
}
