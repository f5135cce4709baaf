package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code keras.layers.pooling}: https://keras.io/api/layers/pooling_layers/ */
public final class PoolingLayers {
  private PoolingLayers() {}

  public static void register(LoweringRegistry registry) {
    for (int spatial = 1; spatial <= 3; spatial++) {
      int rank = spatial;
      String suffix = rank + "D";
      registry.add(window("MaxPooling" + suffix, call -> pool(call, rank, GraphBuilder::maxPool)));
      registry.add(
          window("AveragePooling" + suffix, call -> pool(call, rank, GraphBuilder::averagePool)));
      registry.add(global("GlobalMaxPooling" + suffix, PoolingLayers::globalMax, Masking.STOP));
      registry.add(
          global("GlobalAveragePooling" + suffix, PoolingLayers::globalAverage, Masking.OWN));
      registry.add(adaptive("AdaptiveAveragePooling" + suffix, call -> adaptive(call, rank, true)));
      registry.add(adaptive("AdaptiveMaxPooling" + suffix, call -> adaptive(call, rank, false)));
    }
  }

  private static Lowering window(String name, Lowering.Function function) {
    return Lowering.layer(name, function)
        .arguments("pool_size", "strides", "padding", "data_format")
        .masking(Masking.STOP);
  }

  private static Lowering global(String name, Lowering.Function function, Masking masking) {
    return Lowering.layer(name, function)
        .arguments("data_format", "keepdims")
        .parameters("inputs", "mask")
        .masking(masking);
  }

  private static Lowering adaptive(String name, Lowering.Function function) {
    return Lowering.layer(name, function)
        .arguments("output_size", "data_format")
        .masking(Masking.STOP);
  }

  /** ONNX's pooling operator over a channels-first image. */
  private interface Pool {
    Value apply(GraphBuilder g, Value x, Window window);
  }

  private static Nested<KerasTensor> pool(OperationCall call, int rank, Pool pool) {
    GraphBuilder g = call.graph();
    Config config = call.config();
    Value x = call.input();
    ChannelLayout layout = ChannelLayout.of(call);
    List<Long> size = config.integers("pool_size", rank, 2);
    List<Long> strides = config.has("strides") ? config.integers("strides", rank, 1) : size;
    List<Long> ones = Collections.nCopies(rank, 1L);
    Window window =
        Convolutions.padded(
            Window.valid(size, strides, ones), config.string("padding", "valid"), layout, x);
    return output(layout.around(g, x, first -> pool.apply(g, first, window)));
  }

  private static Nested<KerasTensor> globalMax(OperationCall call) {
    Value x = call.input();
    boolean keep = call.config().bool("keepdims", false);
    int[] axes = ChannelLayout.of(call).spatialAxes(x.rank());
    return output(call.graph().reduceMax(x, keep, axes));
  }

  /** Over sequences, masked steps do not count. */
  private static Nested<KerasTensor> globalAverage(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    boolean keep = call.config().bool("keepdims", false);
    ChannelLayout layout = ChannelLayout.of(call);
    int[] axes = layout.spatialAxes(x.rank());
    @Nullable Value mask = x.rank() == 3 ? call.mask() : null;
    if (mask == null) {
      return output(g.reduceMean(x, keep, axes));
    }
    Value counted = g.unsqueeze(mask, layout == ChannelLayout.LAST ? 2 : 1);
    Value weights = g.cast(counted, x.dtype());
    Value kept = g.where(counted, x, g.scalar(x.dtype(), 0));
    return output(g.div(g.reduceSum(kept, keep, axes), g.reduceSum(weights, keep, axes)));
  }

  /** Output element i of n covers inputs ⌊i·size/n⌋ to ⌈(i+1)·size/n⌉, axis by axis. */
  private static Nested<KerasTensor> adaptive(OperationCall call, int rank, boolean average) {
    List<Long> sizes = call.config().integers("output_size", rank, 1);
    return output(adaptive(call.graph(), call.input(), ChannelLayout.of(call), sizes, average));
  }

  /** Pools the spatial axes to these sizes. */
  public static Value adaptive(
      GraphBuilder g, Value x, ChannelLayout layout, List<Long> sizes, boolean average) {
    int[] axes = layout.spatialAxes(x.rank());
    Value pooled = x;
    for (int i = 0; i < axes.length; i++) {
      int count = Math.toIntExact(sizes.get(i));
      pooled =
          average ? averageAxis(g, pooled, axes[i], count) : maxAxis(g, pooled, axes[i], count);
    }
    return pooled;
  }

  private static Value averageAxis(GraphBuilder g, Value x, int axis, int count) {
    int size = Math.toIntExact(x.shape().size(axis));
    double[] weights = new double[size * count];
    for (int i = 0; i < count; i++) {
      int start = start(i, size, count);
      int end = end(i, size, count);
      for (int j = start; j < end; j++) {
        weights[j * count + i] = 1.0 / (end - start);
      }
    }
    Value matrix =
        g.cast(g.constant(Tensor.ofDoubles(new long[] {size, count}, weights)), x.dtype());
    return g.moveAxis(g.matMul(g.moveAxis(x, axis, -1), matrix), -1, axis);
  }

  private static Value maxAxis(GraphBuilder g, Value x, int axis, int count) {
    int size = Math.toIntExact(x.shape().size(axis));
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Value part = g.slice(x, axis, start(i, size, count), end(i, size, count));
      parts.add(g.reduceMax(part, true, axis));
    }
    return g.concat(axis, parts);
  }

  private static int start(int index, int size, int count) {
    return index * size / count;
  }

  private static int end(int index, int size, int count) {
    return Math.ceilDiv((index + 1) * size, count);
  }
}
