package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;

/**
 * ContrastLimitedAdaptiveHistogramEqualization: each pixel is replaced by its rank among the pixels
 * around it, read from the cumulative histograms of the four nearest tiles. Follows {@code
 * keras/src/layers/preprocessing/image_preprocessing/clahe.py}, which has no page in Keras's
 * documentation yet.
 */
public final class AdaptiveEqualization {
  private static final int LEVELS = 256;
  private static final double GREATEST = LEVELS - 1;
  private static final double CLIP_LIMIT = 4;
  private static final long TILES = 8;

  private AdaptiveEqualization() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer(
                "ContrastLimitedAdaptiveHistogramEqualization", AdaptiveEqualization::equalization)
            .arguments("value_range", "clip_limit", "tile_grid_size", "data_format")
            .masking(Masking.STOP));
  }

  private static Nested<KerasTensor> equalization(OperationCall call) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value images = call.input();
    boolean first = config.string("data_format", "channels_last").equals("channels_first");
    int channels = images.rank() - (first ? 3 : 1);
    Value last = g.moveAxis(images, channels, -1);
    Value batch = images.rank() == 3 ? g.unsqueeze(last, 0) : last;

    ValueRange range = ValueRange.of(config);
    Value levels = g.cast(range.toLevels(g, batch), DType.FLOAT32);
    Value equal = range.fromLevels(g, equalized(g, levels, config));
    Value single = images.rank() == 3 ? g.squeeze(equal, 0) : equal;
    return output(g.moveAxis(g.cast(single, images.dtype()), -1, channels));
  }

  /** The range of the layer's images; within it works on levels from 0 to 255. */
  private record ValueRange(double low, double high) {
    static ValueRange of(Config config) {
      if (!config.has("value_range")) {
        return new ValueRange(0, GREATEST);
      }
      List<Double> range = config.reals("value_range");
      return new ValueRange(range.get(0), range.get(1));
    }

    private boolean isLevels() {
      return low == 0 && high == GREATEST;
    }

    Value toLevels(GraphBuilder g, Value x) {
      if (isLevels()) {
        return x;
      }
      Value wide = g.cast(x, DType.FLOAT32);
      Value unit = g.div(g.sub(wide, low), (float) high - (float) low);
      return g.mul(unit, GREATEST);
    }

    Value fromLevels(GraphBuilder g, Value x) {
      if (isLevels()) {
        return x;
      }
      return g.add(g.mul(g.div(x, GREATEST), (float) high - (float) low), low);
    }
  }

  /** An axis of the images cut into {@code count} tiles of {@code size} pixels. */
  private record Tiling(Dim pixels, long count, Dim size) {
    static Tiling of(GraphBuilder g, Dim pixels, long count) {
      Dim size =
          pixels.isKnown()
              ? Dim.of((pixels.size() + count - 1) / count)
              : g.dimOf(g.div(g.add(g.sizeOf(pixels), g.longs(count - 1)), g.longs(count)));
      return new Tiling(pixels, count, size);
    }

    Value size(GraphBuilder g) {
      return g.cast(g.sizeOf(size), DType.FLOAT32);
    }

    /** The pixels of each tile, [count, size]; past the end the axis is mirrored. */
    Value indices(GraphBuilder g) {
      Value starts = g.mul(g.range(Dim.of(count), DType.INT64), g.sizeOf(size));
      Value all = g.add(g.unsqueeze(starts, 1), g.range(size, DType.INT64));
      Value length = g.sizeOf(pixels);
      Value mirrored = g.sub(g.sub(g.mul(length, g.longs(2)), g.longs(1)), all);
      return g.where(g.less(all, length), all, mirrored);
    }

    /** Where each pixel lies among the centers of tiles, the first of which is at 1. */
    Value positions(GraphBuilder g) {
      Value tile = size(g);
      Value fromCenter = g.sub(g.range(pixels, DType.FLOAT32), g.div(tile, 2));
      return g.add(g.div(fromCenter, tile), 1);
    }
  }

  /** From levels of [batch, height, width, channels] to levels. */
  private static Value equalized(GraphBuilder g, Value levels, Config config) {
    List<Long> grid = config.has("tile_grid_size") ? config.integers("tile_grid_size") : null;
    Tiling rows = Tiling.of(g, levels.dim(1), grid == null ? TILES : grid.get(0));
    Tiling columns = Tiling.of(g, levels.dim(2), grid == null ? TILES : grid.get(1));
    Value pixels = g.cast(g.clip(g.cast(levels, DType.INT32), 0, GREATEST), DType.INT64);
    Value ranks = ranks(g, pixels, rows, columns, config.real("clip_limit", CLIP_LIMIT));
    return interpolated(g, pixels, ranks, rows, columns);
  }

  /** For each tile and channel the levels that its levels become: [batch, …, …, channels, 256]. */
  private static Value ranks(
      GraphBuilder g, Value pixels, Tiling rows, Tiling columns, double clipLimit) {
    Value area = g.mul(rows.size(g), columns.size(g));
    Value histograms = histograms(g, pixels, rows, columns);
    if (clipLimit > 0) {
      Value limit = g.div(g.mul(area, clipLimit), LEVELS);
      Value clipped = g.min(histograms, limit);
      Value excess = g.reduceSum(g.sub(histograms, clipped), true, -1);
      histograms = g.add(clipped, g.div(excess, LEVELS));
    }
    Value cumulated = g.cumulativeSum(histograms, -1);
    Value least = g.reduceMin(cumulated, true, -1);
    Value rest = g.sub(area, least);
    Value zero = g.scalar(DType.FLOAT32, 0);
    Value divisor = g.where(g.equal(rest, zero), g.scalar(DType.FLOAT32, 1), rest);
    Value ranks = g.div(g.mul(g.sub(cumulated, least), GREATEST), divisor);
    return g.clip(ranks, 0, GREATEST);
  }

  private static Value histograms(GraphBuilder g, Value pixels, Tiling rows, Tiling columns) {
    Value tall = g.gather(pixels, rows.indices(g), 1);
    Value tiled = g.gather(tall, columns.indices(g), 3);
    Value tiles = g.mergeAxes(g.transpose(tiled, 0, 1, 3, 5, 2, 4), 4);
    Value ones = g.fill(tiles.shape(), DType.FLOAT32, 1);
    Shape shape = tiles.shape().with(-1, LEVELS);
    return g.emit(
        "ScatterElements",
        Map.of("axis", Attribute.of(-1), "reduction", Attribute.of("add")),
        List.of(g.fill(shape, DType.FLOAT32, 0), tiles, ones),
        DType.FLOAT32,
        shape);
  }

  /** Each pixel's rank, weighted between the four tiles whose centers are around it. */
  private static Value interpolated(
      GraphBuilder g, Value pixels, Value ranks, Tiling rows, Tiling columns) {
    Value flat = g.flatten(repeatedEnds(g, repeatedEnds(g, ranks, 1), 2));
    Dim channels = pixels.dim(3);
    Value columnStride = g.mul(g.sizeOf(channels), g.longs(LEVELS));
    Value rowStride = g.mul(columnStride, g.longs(columns.count() + 2));
    Value batchStride = g.mul(rowStride, g.longs(rows.count() + 2));
    Value samples = g.unsqueeze(g.mul(g.range(pixels.dim(0), DType.INT64), batchStride), -1);
    Value colors = g.mul(g.range(channels, DType.INT64), g.longs(LEVELS));
    Value base = g.add(g.add(g.unsqueeze(g.unsqueeze(samples, -1), -1), colors), pixels);

    Value y = g.unsqueeze(g.unsqueeze(rows.positions(g), -1), -1);
    Value x = g.unsqueeze(columns.positions(g), -1);
    Value top = g.floor(y);
    Value left = g.floor(x);
    Value north = g.add(base, offset(g, top, rows, rowStride));
    Value south = g.add(base, offset(g, g.add(top, 1), rows, rowStride));
    Value west = offset(g, left, columns, columnStride);
    Value east = offset(g, g.add(left, 1), columns, columnStride);
    Value toRight = g.sub(x, left);
    Value above =
        between(
            g,
            g.gather(flat, g.add(north, west), 0),
            g.gather(flat, g.add(north, east), 0),
            toRight);
    Value below =
        between(
            g,
            g.gather(flat, g.add(south, west), 0),
            g.gather(flat, g.add(south, east), 0),
            toRight);
    return between(g, above, below, g.sub(y, top));
  }

  /** The first and the last tile once more, for pixels outside of all centers. */
  private static Value repeatedEnds(GraphBuilder g, Value ranks, int axis) {
    long count = ranks.shape().size(axis);
    Value first = g.slice(ranks, axis, 0, 1);
    return g.concat(axis, first, ranks, g.slice(ranks, axis, count - 1, count));
  }

  private static Value offset(GraphBuilder g, Value tile, Tiling tiling, Value stride) {
    return g.mul(g.cast(g.clip(tile, 0, tiling.count() + 1.0), DType.INT64), stride);
  }

  private static Value between(GraphBuilder g, Value from, Value to, Value share) {
    return g.add(g.mul(from, g.sub(1, share)), g.mul(to, share));
  }
}
