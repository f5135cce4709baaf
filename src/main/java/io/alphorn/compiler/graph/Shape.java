package io.alphorn.compiler.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The dimensions of a value; the rank is always known. Axes may count from the end, as -1. */
public record Shape(List<Dim> dims) {
  public static final Shape SCALAR = new Shape(List.of());

  public Shape {
    dims = List.copyOf(dims);
  }

  public static Shape of(long... sizes) {
    return new Shape(Arrays.stream(sizes).mapToObj(Dim::of).toList());
  }

  public static Shape of(Dim... dims) {
    return new Shape(List.of(dims));
  }

  public int rank() {
    return dims.size();
  }

  /** The axis counted from the start, for one that may count from the end. */
  public int axis(long axis) {
    long positive = axis < 0 ? axis + rank() : axis;
    if (positive < 0 || positive >= rank()) {
      throw new IndexOutOfBoundsException("axis %d of shape %s".formatted(axis, this));
    }
    return (int) positive;
  }

  public Dim dim(long axis) {
    return dims.get(axis(axis));
  }

  /** The size along {@code axis}, which must be known. */
  public long size(long axis) {
    Dim dim = dim(axis);
    if (!dim.isKnown()) {
      throw new IllegalStateException("axis %d of shape %s is not known".formatted(axis, this));
    }
    return dim.size();
  }

  public boolean isKnown() {
    return dims.stream().allMatch(Dim::isKnown);
  }

  /** Sizes with -1 for each one that is not known. */
  public long[] sizes() {
    return dims.stream().mapToLong(Dim::sizeOrUnknown).toArray();
  }

  public Shape with(long axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.set(axis(axis), dim);
    return new Shape(changed);
  }

  public Shape with(long axis, long size) {
    return with(axis, Dim.of(size));
  }

  public Shape without(long axis) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.remove(axis(axis));
    return new Shape(changed);
  }

  /** This shape with {@code dim} put in before position {@code index} (0 to rank). */
  public Shape insert(int index, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.add(index, dim);
    return new Shape(changed);
  }

  public Shape append(Dim... more) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.addAll(List.of(more));
    return new Shape(changed);
  }

  public Shape concat(Shape other) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.addAll(other.dims);
    return new Shape(changed);
  }

  /** The dimensions from {@code from} (inclusive) to {@code to} (exclusive). */
  public Shape subShape(int from, int to) {
    return new Shape(dims.subList(from, to));
  }

  public Shape permute(int... permutation) {
    return new Shape(Arrays.stream(permutation).mapToObj(dims::get).toList());
  }

  @Override
  public String toString() {
    return dims.stream().map(Dim::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
