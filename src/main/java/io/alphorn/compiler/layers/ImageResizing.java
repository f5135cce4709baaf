package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.CoreOps;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;

/**
 * {@code keras.ops.image.resize}: an image, or a batch of them, brought to a size. Follows {@code
 * keras/src/backend/tensorflow/image.py}.
 *
 * @param frame what is done first, so that the image keeps its aspect ratio
 * @param fill the value of padding
 */
public record ImageResizing(
    long height,
    long width,
    Resampling resampling,
    Frame frame,
    double fill,
    boolean channelsFirst) {
  /** What becomes of an image of another aspect ratio. */
  public enum Frame {
    STRETCH,
    CROP,
    PAD,
    /** The middle where the image is large enough, else as CROP. */
    CENTER;

    public static Frame of(boolean crop, boolean pad) {
      return crop ? CROP : pad ? PAD : STRETCH;
    }
  }

  /** Resizes and gives the images' own type, integers rounded, what is out of range held in it. */
  public Value apply(GraphBuilder g, Value x) {
    return inTypeOf(g, x, resampled(g, x));
  }

  /** What a resampling gave, in the type of the images. */
  static Value inTypeOf(GraphBuilder g, Value images, Value resized) {
    if (resized.dtype() == images.dtype()) {
      return resized;
    }
    Value whole = images.dtype().isInteger() ? g.round(resized) : resized;
    return CoreOps.saturated(g, whole, images.dtype());
  }

  /** Resizes without rounding: the type is the resampling's. */
  public Value resampled(GraphBuilder g, Value x) {
    Plane plane = new Plane(x.rank() - (channelsFirst ? 2 : 3));
    Value framed =
        switch (frame) {
          case STRETCH -> x;
          case CROP -> cropped(g, x, plane);
          case CENTER -> croppedAtRun(g, x, plane);
          case PAD -> padded(g, x, plane);
        };
    boolean resized =
        framed.dim(plane.rows()).equals(Dim.of(height))
            && framed.dim(plane.columns()).equals(Dim.of(width));
    return resized
        ? framed
        : resampling.resize(g, framed, plane.rows(), Dim.of(height), Dim.of(width));
  }

  /** The axes of an image: columns come right after rows. */
  private record Plane(int rows) {
    int columns() {
      return rows + 1;
    }

    boolean isKnown(Value x) {
      return x.dim(rows).isKnown() && x.dim(columns()).isKnown();
    }
  }

  private Value cropped(GraphBuilder g, Value x, Plane plane) {
    if (!plane.isKnown(x)) {
      return croppedAtRun(g, x, plane);
    }
    long rows = x.shape().size(plane.rows());
    long columns = x.shape().size(plane.columns());
    long kept = Math.max(Math.min(rows, proportional(columns, height, width)), 1);
    long top = (rows - kept) / 2;
    Value cut = g.slice(x, plane.rows(), top, top + kept);
    long keptColumns = Math.max(Math.min(columns, proportional(rows, width, height)), 1);
    long left = (columns - keptColumns) / 2;
    return g.slice(cut, plane.columns(), left, left + keptColumns);
  }

  /** In float32 as Keras computes it. */
  private static long proportional(long length, long target, long otherTarget) {
    return (long) ((float) (length * target) / otherTarget);
  }

  private static Value proportional(GraphBuilder g, Value length, long target, long otherTarget) {
    Value product = g.cast(g.mul(length, g.longs(target)), DType.FLOAT32);
    return g.cast(g.div(product, otherTarget), DType.INT64);
  }

  private Value croppedAtRun(GraphBuilder g, Value x, Plane plane) {
    Value rows = g.sizeOf(x.dim(plane.rows()));
    Value columns = g.sizeOf(x.dim(plane.columns()));
    Value one = g.longs(1);
    Value kept = g.max(g.min(rows, proportional(g, columns, height, width)), one);
    Value keptColumns = g.max(g.min(columns, proportional(g, rows, width, height)), one);
    if (frame == Frame.CENTER) {
      Value suffices =
          g.and(g.greaterOrEqual(rows, g.longs(height)), g.greaterOrEqual(columns, g.longs(width)));
      kept = g.where(suffices, g.longs(height), kept);
      keptColumns = g.where(suffices, g.longs(width), keptColumns);
    }
    Value top = g.div(g.sub(rows, kept), g.longs(2));
    Value left = g.div(g.sub(columns, keptColumns), g.longs(2));
    Shape shape = x.shape().with(plane.rows(), g.freshDim()).with(plane.columns(), g.freshDim());
    return g.emit(
        "Slice",
        Map.of(),
        List.of(
            x,
            g.concat(0, top, left),
            g.concat(0, g.add(top, kept), g.add(left, keptColumns)),
            g.longs(plane.rows(), plane.columns())),
        x.dtype(),
        shape);
  }

  private Value padded(GraphBuilder g, Value x, Plane plane) {
    if (!plane.isKnown(x)) {
      return paddedAtRun(g, x, plane);
    }
    long rows = x.shape().size(plane.rows());
    long columns = x.shape().size(plane.columns());
    long[] pads = new long[x.rank()];
    pads[plane.rows()] = (Math.max(rows, proportional(columns, height, width)) - rows) / 2;
    pads[plane.columns()] = (Math.max(columns, proportional(rows, width, height)) - columns) / 2;
    return g.pad(x, pads, pads, fill);
  }

  private Value paddedAtRun(GraphBuilder g, Value x, Plane plane) {
    Value rows = g.sizeOf(x.dim(plane.rows()));
    Value columns = g.sizeOf(x.dim(plane.columns()));
    Value tall = g.max(rows, proportional(g, columns, height, width));
    Value broad = g.max(columns, proportional(g, rows, width, height));
    Value vertical = g.div(g.sub(tall, rows), g.longs(2));
    Value horizontal = g.div(g.sub(broad, columns), g.longs(2));
    Value before = g.longs(new long[plane.rows()]);
    Value after = g.longs(new long[x.rank() - plane.columns() - 1]);
    Value pads = g.concat(0, before, vertical, horizontal, after);
    Shape shape = x.shape().with(plane.rows(), g.freshDim()).with(plane.columns(), g.freshDim());
    return g.emit(
        "Pad",
        Map.of(),
        List.of(x, g.concat(0, pads, pads), g.scalar(x.dtype(), fill)),
        x.dtype(),
        shape);
  }
}
