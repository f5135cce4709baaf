package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code keras.ops.nn}: images cut into patches and put together from them. Follows {@code
 * keras/src/backend/tensorflow/nn.py}.
 */
public final class PatchOps {
  private PatchOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "Unfold", PatchOps::unfold),
        Lowering.operation("nn", "Fold", PatchOps::fold),
        Lowering.operation("nn", "DepthToSpace", PatchOps::depthToSpace),
        Lowering.operation("nn", "SpaceToDepth", PatchOps::spaceToDepth));
  }

  /**
   * Patches of an image of known size.
   *
   * @param height of the image, with its padding
   * @param width of the image, with its padding
   */
  private record Patches(
      long height,
      long width,
      List<Long> kernel,
      List<Long> dilation,
      List<Long> padding,
      List<Long> stride) {
    static Patches of(Operands operands, long height, long width) {
      List<Long> padding = WindowOps.sizes(operands, "padding", 2, 0);
      return new Patches(
          height + 2 * padding.get(0),
          width + 2 * padding.get(1),
          WindowOps.sizes(operands, "kernel_size", 2, 1),
          WindowOps.sizes(operands, "dilation", 2, 1),
          padding,
          WindowOps.sizes(operands, "stride", 2, 1));
    }

    private long count(int axis) {
      long length = axis == 0 ? height : width;
      return (length - dilation.get(axis) * (kernel.get(axis) - 1) - 1) / stride.get(axis) + 1;
    }

    long elements() {
      return kernel.get(0) * kernel.get(1);
    }

    long count() {
      return count(0) * count(1);
    }

    long area() {
      return height * width;
    }

    /** Where each element (rows) of each patch (columns) stands in the flattened image. */
    Tensor positions() {
      long[] positions = new long[Math.toIntExact(elements() * count())];
      int next = 0;
      for (long i = 0; i < kernel.get(0); i++) {
        for (long j = 0; j < kernel.get(1); j++) {
          for (long row = 0; row < count(0); row++) {
            for (long column = 0; column < count(1); column++) {
              long y = i * dilation.get(0) + row * stride.get(0);
              long x = j * dilation.get(1) + column * stride.get(1);
              positions[next++] = y * width + x;
            }
          }
        }
      }
      return Tensor.ofLongs(new long[] {positions.length}, positions);
    }
  }

  /** From [N, C, H, W] to [N, C * elements, patches]. */
  private static Nested<KerasTensor> unfold(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    long channels = x.shape().size(1);
    Patches patches = Patches.of(operands, x.shape().size(2), x.shape().size(3));
    long[] pads = {0, 0, patches.padding().get(0), patches.padding().get(1)};
    Value padded = g.pad(x, pads, pads, 0);
    Shape rows = x.shape().subShape(0, 2);
    Value flat = g.reshape(padded, rows.append(Dim.of(patches.area())));
    Value taken = g.gather(flat, g.constant(patches.positions()), 2);
    return output(
        g.reshape(
            taken,
            Shape.of(x.dim(0), Dim.of(channels * patches.elements()), Dim.of(patches.count()))));
  }

  /** From [N, C * elements, patches] to [N, C, H, W]; where patches overlap they are added. */
  private static Nested<KerasTensor> fold(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    List<Long> size = WindowOps.sizes(operands, "output_size", 2, 1);
    Patches patches = Patches.of(operands, size.get(0), size.get(1));
    Dim channels = Dim.of(x.shape().size(1) / patches.elements());
    boolean narrow = x.dtype() == DType.FLOAT16 || x.dtype() == DType.BFLOAT16;
    DType dtype = narrow ? DType.FLOAT32 : x.dtype();
    Shape elements = Shape.of(x.dim(0), channels, Dim.of(patches.elements() * patches.count()));
    Shape area = Shape.of(x.dim(0), channels, Dim.of(patches.area()));
    Value sum =
        g.emit(
            "ScatterElements",
            Map.of("axis", Attribute.of(2), "reduction", Attribute.of("add")),
            List.of(
                g.fill(area, dtype, 0),
                g.expand(g.constant(patches.positions()), elements),
                g.cast(g.reshape(x, elements), dtype)),
            dtype,
            area);
    Value image =
        g.reshape(
            sum, Shape.of(x.dim(0), channels, Dim.of(patches.height()), Dim.of(patches.width())));
    Value cropped = g.cast(image, x.dtype());
    for (int axis = 0; axis < 2; axis++) {
      long from = patches.padding().get(axis);
      cropped = g.slice(cropped, axis + 2, from, from + size.get(axis));
    }
    return output(cropped);
  }

  private static Nested<KerasTensor> depthToSpace(OperationCall call) {
    return rearranged(call, "DepthToSpace", Map.of("mode", Attribute.of("DCR")));
  }

  private static Nested<KerasTensor> spaceToDepth(OperationCall call) {
    return rearranged(call, "SpaceToDepth", Map.of());
  }

  private static Nested<KerasTensor> rearranged(
      OperationCall call, String operator, Map<String, Attribute> mode) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    long block = operands.integer("block_size");
    ChannelLayout layout = WindowOps.layout(operands);
    Map<String, Attribute> attributes = new TreeMap<>(mode);
    attributes.put("blocksize", Attribute.of(block));
    boolean toSpace = operator.equals("DepthToSpace");
    return output(
        layout.around(
            g,
            x,
            first -> {
              long channels = first.shape().size(1);
              Shape shape =
                  first
                      .shape()
                      .with(1, toSpace ? channels / (block * block) : channels * block * block)
                      .with(2, scaled(g, first.dim(2), block, toSpace))
                      .with(3, scaled(g, first.dim(3), block, toSpace));
              return g.emit(operator, attributes, List.of(first), first.dtype(), shape);
            }));
  }

  private static Dim scaled(GraphBuilder g, Dim dim, long block, boolean up) {
    if (!dim.isKnown()) {
      return g.freshDim();
    }
    return Dim.of(up ? dim.size() * block : dim.size() / block);
  }
}
