package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code keras.layers.reshaping}: https://keras.io/api/layers/reshaping_layers/ */
public final class ReshapingLayers {
  private ReshapingLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Flatten", ReshapingLayers::flatten)
            .arguments("data_format")
            .masking(Masking.STOP),
        Lowering.layer("Reshape", ReshapingLayers::reshape)
            .arguments("target_shape")
            .masking(Masking.STOP),
        Lowering.layer("Permute", ReshapingLayers::permute).arguments("dims").masking(Masking.STOP),
        Lowering.layer("RepeatVector", ReshapingLayers::repeatVector)
            .arguments("n")
            .masking(Masking.STOP));
    for (int spatial = 1; spatial <= 3; spatial++) {
      int rank = spatial;
      registry.add(
          Lowering.layer("Cropping" + rank + "D", call -> crop(call, rank))
              .arguments("cropping", "data_format")
              .masking(Masking.STOP));
      registry.add(
          Lowering.layer("ZeroPadding" + rank + "D", call -> pad(call, rank))
              .arguments("padding", "data_format")
              .masking(Masking.STOP));
    }
    registry.addAll(
        upSampling("UpSampling1D", call -> repeat(call, 1)),
        upSampling("UpSampling2D", ReshapingLayers::upSample2D),
        upSampling("UpSampling3D", call -> repeat(call, 3)));
  }

  private static Lowering upSampling(String name, Lowering.Function function) {
    return Lowering.layer(name, function)
        .arguments("size", "data_format", "interpolation")
        .masking(Masking.STOP);
  }

  private static Nested<KerasTensor> flatten(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    Value last =
        ChannelLayout.of(call) == ChannelLayout.FIRST && x.rank() > 1 ? g.moveAxis(x, 1, -1) : x;
    Shape rest = last.shape().subShape(Math.min(1, last.rank()), last.rank());
    Dim flat = rest.isKnown() ? Dim.of(Tensor.elements(rest.sizes())) : g.freshDim();
    return output(g.reshape(last, Shape.of(last.dim(0), flat)));
  }

  private static Nested<KerasTensor> reshape(OperationCall call) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    List<Long> target = new ArrayList<>();
    for (JsonNode size : call.config().get("target_shape")) {
      target.add(size.isNull() ? -1 : size.longValue());
    }
    Shape rest = x.shape().subShape(1, x.rank());
    List<Dim> dims = new ArrayList<>(List.of(x.dim(0)));
    long known = target.stream().filter(size -> size >= 0).reduce(1L, Math::multiplyExact);
    for (long size : target) {
      if (size >= 0) {
        dims.add(Dim.of(size));
      } else {
        dims.add(
            rest.isKnown() && known > 0
                ? Dim.of(Tensor.elements(rest.sizes()) / known)
                : g.freshDim());
      }
    }
    return output(reshapeRows(g, x, new Shape(dims)));
  }

  /** The batch keeps its place, so that one other size may be found from the rest. */
  private static Value reshapeRows(GraphBuilder g, Value x, Shape target) {
    boolean open = target.dims().stream().skip(1).anyMatch(dim -> !dim.isKnown());
    if (!open || target.dim(0).isKnown()) {
      return g.reshape(x, target);
    }
    long[] sizes = target.sizes();
    sizes[0] = 0; // ONNX: as the input has it.
    return g.emit("Reshape", Map.of(), List.of(x, g.longs(sizes)), x.dtype(), target);
  }

  private static Nested<KerasTensor> permute(OperationCall call) {
    List<Long> dims = call.config().integers("dims");
    int[] order = new int[dims.size() + 1];
    for (int i = 0; i < dims.size(); i++) {
      order[i + 1] = Math.toIntExact(dims.get(i));
    }
    return output(call.graph().transpose(call.input(), order));
  }

  private static Nested<KerasTensor> repeatVector(OperationCall call) {
    GraphBuilder g = call.graph();
    Value column = g.unsqueeze(call.input(), 1);
    Shape shape = column.shape().with(1, call.config().integer("n"));
    return output(g.expand(column, shape));
  }

  /** Pairs for each spatial axis, from one number, a number an axis, or the pairs themselves. */
  private static long[][] pairs(Config config, String name, int rank) {
    JsonNode value = config.get(name);
    long[][] pairs = new long[rank][2];
    boolean onePair = rank == 1 && value.isArray() && !value.get(0).isArray();
    for (int i = 0; i < rank; i++) {
      JsonNode own = value.isArray() && !onePair ? value.get(i) : value;
      boolean pair = own.isArray();
      pairs[i][0] = (pair ? own.get(0) : own).longValue();
      pairs[i][1] = (pair ? own.get(1) : own).longValue();
    }
    return pairs;
  }

  private static Nested<KerasTensor> crop(OperationCall call, int rank) {
    GraphBuilder g = call.graph();
    Value x = call.input();
    long[][] pairs = pairs(call.config(), "cropping", rank);
    int first = ChannelLayout.of(call).spatialAxis();
    for (int i = 0; i < rank; i++) {
      int axis = first + i;
      long end = pairs[i][1] == 0 ? Long.MAX_VALUE : -pairs[i][1];
      x = g.slice(x, axis, pairs[i][0], end);
    }
    return output(x);
  }

  private static Nested<KerasTensor> pad(OperationCall call, int rank) {
    Value x = call.input();
    long[][] pairs = pairs(call.config(), "padding", rank);
    int first = ChannelLayout.of(call).spatialAxis();
    long[] before = new long[x.rank()];
    long[] after = new long[x.rank()];
    for (int i = 0; i < rank; i++) {
      before[first + i] = pairs[i][0];
      after[first + i] = pairs[i][1];
    }
    return output(call.graph().pad(x, before, after, 0));
  }

  /** Every element {@code size} times in a row, along each spatial axis. */
  private static Nested<KerasTensor> repeat(OperationCall call, int rank) {
    List<Long> sizes = call.config().integers("size", rank, 2);
    int first = ChannelLayout.of(call).spatialAxis();
    Value x = call.input();
    for (int i = 0; i < rank; i++) {
      x = repeatAxis(call.graph(), x, first + i, sizes.get(i));
    }
    return output(x);
  }

  private static Value repeatAxis(GraphBuilder g, Value x, int axis, long times) {
    if (times == 1) {
      return x;
    }
    Value column = g.unsqueeze(x, axis + 1);
    Value repeated = g.expand(column, column.shape().with(axis + 1, times));
    Dim dim = x.dim(axis);
    Dim longer = dim.isKnown() ? Dim.of(dim.size() * times) : g.freshDim();
    Shape shape = x.shape().with(axis, longer);
    if (dim.isKnown()) {
      return g.reshape(repeated, shape);
    }
    Value sizes = g.sizesOf(x.shape());
    long[] factors = new long[x.rank()];
    Arrays.fill(factors, 1);
    factors[axis] = times;
    return g.emit(
        "Reshape", Map.of(), List.of(repeated, g.mul(sizes, g.longs(factors))), x.dtype(), shape);
  }

  private static Nested<KerasTensor> upSample2D(OperationCall call) {
    String interpolation = call.config().string("interpolation", "nearest");
    if (interpolation.equals("nearest")) {
      return repeat(call, 2);
    }
    List<Long> sizes = call.config().integers("size", 2, 2);
    ChannelLayout layout = ChannelLayout.of(call);
    Value x = call.input();
    GraphBuilder g = call.graph();
    int rows = layout.spatialAxis();
    Dim height = multiple(g, x.dim(rows), sizes.get(0));
    Dim width = multiple(g, x.dim(rows + 1), sizes.get(1));
    Value resized = Resampling.of(interpolation, false).resize(g, x, rows, height, width);
    return output(ImageResizing.inTypeOf(g, x, resized));
  }

  private static Dim multiple(GraphBuilder g, Dim dim, long times) {
    return dim.isKnown()
        ? Dim.of(dim.size() * times)
        : g.dimOf(g.mul(g.sizeOf(dim), g.longs(times)));
  }
}
