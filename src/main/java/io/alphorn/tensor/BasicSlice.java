package io.alphorn.tensor;

import io.alphorn.error.AlphornException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * NumPy's basic slicing, as it stands between the brackets of {@code a[0:10, :, 3]}: integers,
 * {@code start:stop:step}, {@code ...} and {@code None}
 * (https://numpy.org/doc/stable/user/basics.indexing.html). Slices that go beyond an axis are cut,
 * integers that do are refused.
 */
public final class BasicSlice {
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");
  private static final Pattern RANGE =
      Pattern.compile("([+-]?\\d{1,18})?:([+-]?\\d{1,18})?(?::([+-]?\\d{1,18})?)?");
  private static final String ELLIPSIS = "...";
  private static final String NEW_AXIS = "None";

  private final String text;
  private final List<String> items;

  private BasicSlice(String text, List<String> items) {
    this.text = text;
    this.items = items;
  }

  /** Where the elements along one axis of the result lie in the source. */
  private record Axis(long start, long step, long count, boolean kept) {
    static final Axis NEW = new Axis(0, 0, 1, true);

    static Axis whole(long size) {
      return new Axis(0, 1, size, true);
    }
  }

  /**
   * Reads a slice.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is none
   */
  public static BasicSlice parse(String text) {
    List<String> items = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String item = part.replaceAll("\\s", "");
      boolean known =
          item.equals(ELLIPSIS)
              || item.equals(NEW_AXIS)
              || INTEGER.matcher(item).matches()
              || RANGE.matcher(item).matches();
      if (!known) {
        throw invalid(
            text, "'%s' is none of an integer, start:stop:step, ... and None".formatted(part));
      }
      items.add(item);
    }
    if (items.stream().filter(ELLIPSIS::equals).count() > 1) {
      throw invalid(text, "only one ... is possible");
    }
    return new BasicSlice(text, List.copyOf(items));
  }

  /**
   * The chosen elements, copied.
   *
   * @throws AlphornException INVALID_ARGUMENT when the slice does not fit the tensor's shape
   */
  public Tensor apply(Tensor tensor) {
    long[] shape = tensor.shape();
    long[] strides = new long[shape.length];
    long stride = tensor.dtype().bytes();
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    long offset = 0;
    List<Axis> axes = axes(shape);
    List<Long> counts = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    int source = 0;
    for (Axis axis : axes) {
      long size = axis == Axis.NEW ? 0 : strides[source++];
      offset += axis.count() == 0 ? 0 : axis.start() * size;
      if (axis.kept()) {
        counts.add(axis.count());
        steps.add(axis.step() * size);
      }
    }
    long[] result = counts.stream().mapToLong(Long::longValue).toArray();
    long[] jumps = steps.stream().mapToLong(Long::longValue).toArray();
    ByteBuffer target = Tensor.allocate(tensor.dtype(), result);
    if (target.hasRemaining()) {
      copy(tensor.bytes(), offset, result, jumps, 0, tensor.dtype().bytes(), target);
    }
    return Tensor.of(tensor.dtype(), result, target.flip());
  }

  private static void copy(
      ByteBuffer source,
      long offset,
      long[] counts,
      long[] jumps,
      int axis,
      int bytes,
      ByteBuffer target) {
    boolean last = axis == counts.length - 1;
    if (axis == counts.length || (last && jumps[axis] == bytes)) {
      int run = Math.toIntExact(axis == counts.length ? bytes : bytes * counts[axis]);
      target.put(source.slice(Math.toIntExact(offset), run));
      return;
    }
    for (long i = 0; i < counts[axis]; i++) {
      copy(source, offset + i * jumps[axis], counts, jumps, axis + 1, bytes, target);
    }
  }

  private List<Axis> axes(long[] shape) {
    int given =
        (int)
            items.stream().filter(item -> !item.equals(ELLIPSIS) && !item.equals(NEW_AXIS)).count();
    if (given > shape.length) {
      throw invalid(
          text,
          "%d axes are indexed, but the shape is %s".formatted(given, Arrays.toString(shape)));
    }
    List<Axis> axes = new ArrayList<>();
    int axis = 0;
    for (String item : items) {
      switch (item) {
        case NEW_AXIS -> axes.add(Axis.NEW);
        case ELLIPSIS -> {
          for (int left = shape.length - given; left > 0; left--) {
            axes.add(Axis.whole(shape[axis++]));
          }
        }
        default -> {
          axes.add(axis(item, axis, shape[axis]));
          axis++;
        }
      }
    }
    while (axis < shape.length) {
      axes.add(Axis.whole(shape[axis++]));
    }
    return axes;
  }

  private Axis axis(String item, int axis, long size) {
    Matcher range = RANGE.matcher(item);
    return range.matches() ? range(range, size) : index(Long.parseLong(item), axis, size);
  }

  private Axis index(long index, int axis, long size) {
    if (index < -size || index >= size) {
      throw invalid(
          text, "index %d is out of bounds for axis %d of size %d".formatted(index, axis, size));
    }
    return new Axis(index < 0 ? index + size : index, 1, 1, false);
  }

  /** Python's {@code slice.indices}. */
  private Axis range(Matcher range, long size) {
    long step = number(range.group(3), 1);
    if (step == 0) {
      throw invalid(text, "the step of a slice must not be 0");
    }
    long lowest = step < 0 ? -1 : 0;
    long highest = step < 0 ? size - 1 : size;
    long start = bound(range.group(1), step < 0 ? highest : lowest, size, lowest, highest);
    long stop = bound(range.group(2), step < 0 ? lowest : highest, size, lowest, highest);
    long count = step < 0 ? Math.ceilDiv(start - stop, -step) : Math.ceilDiv(stop - start, step);
    return new Axis(start, step, Math.max(0, count), true);
  }

  private static long bound(
      @Nullable String given, long otherwise, long size, long lowest, long highest) {
    if (given == null) {
      return otherwise;
    }
    long value = Long.parseLong(given);
    return Math.clamp(value < 0 ? value + size : value, lowest, Math.max(lowest, highest));
  }

  private static long number(@Nullable String given, long otherwise) {
    return given == null ? otherwise : Long.parseLong(given);
  }

  private static AlphornException invalid(String text, String reason) {
    return AlphornException.invalidArgument("slice '%s': %s", text, reason);
  }
}
