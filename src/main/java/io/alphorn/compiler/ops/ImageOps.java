package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.graph.Window;
import io.alphorn.compiler.layers.ChannelLayout;
import io.alphorn.compiler.layers.Convolutions;
import io.alphorn.compiler.layers.ImageResizing;
import io.alphorn.compiler.layers.Resampling;
import io.alphorn.compiler.layers.ResamplingKernel;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * {@code keras.ops.image}: sizes, filters and patches, of an image or a batch of them. Follows
 * {@code keras/src/ops/image.py} and {@code keras/src/backend/tensorflow/image.py}.
 */
public final class ImageOps {
  static final int IMAGE_RANK = 3;

  private ImageOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("image", "Resize", ImageOps::resize).parameters("images"),
        Lowering.operation("image", "PadImages", ImageOps::padImages).parameters("images"),
        Lowering.operation("image", "CropImages", ImageOps::cropImages).parameters("images"),
        Lowering.operation("image", "ExtractPatches", ImageOps::extractPatches)
            .parameters("images"),
        Lowering.operation("image", "GaussianBlur", ImageOps::gaussianBlur).parameters("images"),
        Lowering.operation("image", "SobelEdges", ImageOps::sobelEdges).parameters("images"),
        Lowering.operation("image", "SSIM", ImageOps::similarity).parameters("image1", "image2"),
        Lowering.operation("image", "ScaleAndTranslate", ImageOps::scaleAndTranslate)
            .parameters("images", "output_shape", "scale", "translation"));
  }

  private static boolean isChannelsFirst(Operands operands) {
    return operands.string("data_format", "channels_last").equals("channels_first");
  }

  private static Nested<KerasTensor> resize(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    List<Long> size = operands.integers("size");
    ImageResizing resizing =
        new ImageResizing(
            size.get(0),
            size.get(1),
            Resampling.of(
                operands.string("interpolation", "bilinear"), operands.bool("antialias", false)),
            ImageResizing.Frame.of(
                operands.bool("crop_to_aspect_ratio", false),
                operands.bool("pad_to_aspect_ratio", false)),
            operands.real("fill_value", 0),
            isChannelsFirst(operands));
    return output(resizing.apply(g, images));
  }

  /** How an axis is padded or cropped: two of three lengths are given. */
  private record Margins(Value before, Value after, Dim length) {
    static Margins of(Operands operands, Value images, int axis, String[] names, boolean padding) {
      GraphBuilder g = operands.graph();
      Optional<Long> before = operands.find(names[0]).map(Operand::integer);
      Optional<Long> after = operands.find(names[1]).map(Operand::integer);
      Optional<Long> target = operands.find(names[2]).map(Operand::integer);
      Dim dim = images.dim(axis);
      if (target.isEmpty()) {
        long changed =
            before.orElseThrow(() -> missing(names)) + after.orElseThrow(() -> missing(names));
        Dim length =
            dim.isKnown()
                ? Dim.of(padding ? dim.size() + changed : dim.size() - changed)
                : g.freshDim();
        return new Margins(g.longs(before.get()), g.longs(after.get()), length);
      }
      Value size = g.sizeOf(dim);
      Value wanted = g.longs(target.get());
      Value changed = padding ? g.sub(wanted, size) : g.sub(size, wanted);
      Dim length = Dim.of(target.get());
      return before.isPresent()
          ? new Margins(g.longs(before.get()), g.sub(changed, g.longs(before.get())), length)
          : new Margins(
              g.sub(changed, g.longs(after.orElseThrow(() -> missing(names)))),
              g.longs(after.get()),
              length);
    }

    private static AlphornException missing(String[] names) {
      return AlphornException.invalidArgument(
          "exactly two of %s must be given", String.join(", ", names));
    }
  }

  private static Nested<KerasTensor> padImages(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int rows = images.rank() - (isChannelsFirst(operands) ? 2 : 3);
    Margins vertical = Margins.of(operands, images, rows, names("padding", "height"), true);
    Margins horizontal = Margins.of(operands, images, rows + 1, sideNames("padding"), true);
    Value none = g.longs(new long[rows]);
    Value rest = g.longs(new long[images.rank() - rows - 2]);
    Value pads =
        g.concat(
            0,
            none,
            vertical.before(),
            horizontal.before(),
            rest,
            none,
            vertical.after(),
            horizontal.after(),
            rest);
    Shape shape = images.shape().with(rows, vertical.length()).with(rows + 1, horizontal.length());
    return output(
        g.emit(
            "Pad",
            Map.of(),
            List.of(images, pads, g.scalar(images.dtype(), 0)),
            images.dtype(),
            shape));
  }

  private static String[] names(String what, String size) {
    return new String[] {"top_" + what, "bottom_" + what, "target_" + size};
  }

  private static String[] sideNames(String what) {
    return new String[] {"left_" + what, "right_" + what, "target_width"};
  }

  private static Nested<KerasTensor> cropImages(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int rows = images.rank() - (isChannelsFirst(operands) ? 2 : 3);
    Margins vertical = Margins.of(operands, images, rows, names("cropping", "height"), false);
    Margins horizontal = Margins.of(operands, images, rows + 1, sideNames("cropping"), false);
    Value ends =
        g.concat(
            0,
            g.sub(g.sizeOf(images.dim(rows)), vertical.after()),
            g.sub(g.sizeOf(images.dim(rows + 1)), horizontal.after()));
    Shape shape = images.shape().with(rows, vertical.length()).with(rows + 1, horizontal.length());
    return output(
        g.emit(
            "Slice",
            Map.of(),
            List.of(
                images,
                g.concat(0, vertical.before(), horizontal.before()),
                ends,
                g.longs(rows, rows + 1)),
            images.dtype(),
            shape));
  }

  /** A convolution with a kernel that copies, as Keras has it; over volumes too. */
  private static Nested<KerasTensor> extractPatches(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    int rank = Math.max(2, operands.integers("size").size());
    List<Long> size = WindowOps.sizes(operands, "size", rank, 1);
    List<Long> strides =
        operands.has("strides") ? WindowOps.sizes(operands, "strides", rank, 1) : size;
    List<Long> dilations = WindowOps.sizes(operands, "dilation_rate", rank, 1);
    ChannelLayout layout = WindowOps.layout(operands);
    String padding = operands.string("padding", "valid");
    return output(
        batched(
            g,
            images,
            rank + 1,
            batch -> {
              long channels = batch.shape().size(layout.channelAxis(batch.rank()));
              Value kernel = copying(g, size, channels, batch.dtype());
              Window window =
                  Convolutions.padded(
                      Window.valid(size, strides, dilations), padding, layout, batch);
              return layout.around(
                  g, batch, first -> Convolutions.convolve(g, first, kernel, Value.NONE, window));
            }));
  }

  private static Value copying(GraphBuilder g, List<Long> size, long channels, DType dtype) {
    long elements = size.stream().reduce(channels, Math::multiplyExact);
    double[] identity = new double[Math.toIntExact(elements * elements)];
    for (int i = 0; i < elements; i++) {
      identity[Math.toIntExact(i * elements + i)] = 1;
    }
    List<Long> shape = new ArrayList<>(size);
    shape.addAll(List.of(channels, elements));
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    return g.cast(g.constant(Tensor.ofDoubles(sizes, identity)), dtype);
  }

  /** Applies a function of batches to a batch, or to a single one of {@code rank} axes. */
  static Value batched(GraphBuilder g, Value x, int rank, UnaryOperator<Value> function) {
    return x.rank() == rank ? g.squeeze(function.apply(g.unsqueeze(x, 0)), 0) : function.apply(x);
  }

  private static Nested<KerasTensor> gaussianBlur(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    List<Long> size = WindowOps.sizes(operands, "kernel_size", 2, 3);
    double[] sigma =
        operands.has("sigma")
            ? operands.get("sigma").items().stream().mapToDouble(Operand::real).toArray()
            : new double[] {1, 1};
    // Keras makes the product of the second and the first, and reads it as [first, second].
    double[] product =
        outer(
            gaussian(Math.toIntExact(size.get(1)), sigma[sigma.length - 1]),
            gaussian(Math.toIntExact(size.get(0)), sigma[0]));
    ChannelLayout layout = WindowOps.layout(operands);
    return output(
        batched(
            g,
            images,
            IMAGE_RANK,
            batch -> {
              Window window = Convolutions.padded(unit(size), "same", layout, batch);
              return layout.around(g, batch, first -> filtered(g, first, product, size, window));
            }));
  }

  static Window unit(List<Long> size) {
    List<Long> ones = Collections.nCopies(size.size(), 1L);
    return Window.valid(size, ones, ones);
  }

  /** Each channel of channels-first images by the same filter. */
  static Value filtered(
      GraphBuilder g, Value first, double[] filter, List<Long> size, Window window) {
    long channels = first.shape().size(1);
    long[] shape = {size.get(0), size.get(1), 1, 1};
    Value kernel = g.constant(HostTensors.ofReals(first.dtype(), shape, filter));
    return Convolutions.depthwise(g, first, g.tile(kernel, 1, 1, channels, 1), Value.NONE, window);
  }

  static double[] gaussian(int size, double sigma) {
    double[] weights = new double[size];
    double total = 0;
    for (int i = 0; i < size; i++) {
      double at = (i - (size - 1) / 2.0) / sigma;
      weights[i] = Math.exp(-0.5 * at * at);
      total += weights[i];
    }
    for (int i = 0; i < size; i++) {
      weights[i] /= total;
    }
    return weights;
  }

  static double[] outer(double[] rows, double[] columns) {
    double[] product = new double[rows.length * columns.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        product[i * columns.length + j] = rows[i] * columns[j];
      }
    }
    return product;
  }

  /** The vertical and the horizontal gradient of each channel, in a last axis. */
  private static Nested<KerasTensor> sobelEdges(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    ChannelLayout layout = WindowOps.layout(operands);
    Value first = layout.toFirst(g, operands.tensor("images"));
    long[] one = {0, 0, 1, 1};
    Value padded = g.pad(first, "reflect", one, one, Value.NONE);
    double[] weights = {-1, -1, -2, 0, -1, 1, 0, -2, 0, 0, 0, 2, 1, -1, 2, 0, 1, 1};
    Value kernel = g.constant(HostTensors.ofReals(first.dtype(), new long[] {3, 3, 1, 2}, weights));
    long channels = first.shape().size(1);
    Value gradients =
        Convolutions.depthwise(
            g, padded, g.tile(kernel, 1, 1, channels, 1), Value.NONE, unit(List.of(3L, 3L)));
    Shape paired = first.shape().insert(2, Dim.of(2));
    Value edges = g.moveAxis(g.reshape(gradients, paired), 2, -1);
    return output(layout == ChannelLayout.FIRST ? edges : g.moveAxis(edges, 1, 3));
  }

  /** The structural similarity of two images, over a Gaussian window. */
  private static Nested<KerasTensor> similarity(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value image1 = operands.tensor("image1");
    DType dtype = Promotion.withFloat(image1.dtype());
    int size = Math.toIntExact(operands.integer("filter_size", 11));
    double[] gaussian = gaussian(size, operands.real("filter_sigma", 1.5));
    double[] filter = outer(gaussian, gaussian);
    List<Long> sizes = List.of((long) size, (long) size);
    UnaryOperator<Value> local = x -> filtered(g, x, filter, sizes, unit(sizes));
    ChannelLayout layout = WindowOps.layout(operands);
    Value x = channelsFirst(g, g.cast(image1, dtype), layout);
    Value y = channelsFirst(g, operands.get("image2").as(dtype), layout);

    Value meanX = local.apply(x);
    Value meanY = local.apply(y);
    Value product = g.mul(meanX, meanY);
    Value squares = g.add(g.square(meanX), g.square(meanY));
    Value covariance = g.sub(local.apply(g.mul(x, y)), product);
    Value variances = g.sub(g.add(local.apply(g.square(x)), local.apply(g.square(y))), squares);
    double range = operands.real("max_val", 1);
    double c1 = Math.pow(operands.real("k1", 0.01) * range, 2);
    double c2 = Math.pow(operands.real("k2", 0.03) * range, 2);
    Value above = g.mul(g.add(g.mul(product, 2), c1), g.add(g.mul(covariance, 2), c2));
    Value below = g.mul(g.add(squares, c1), g.add(variances, c2));
    Value similarity = g.reduceMean(g.div(above, below), false, 1, 2, 3);
    Value single = image1.rank() == IMAGE_RANK ? g.squeeze(similarity, 0) : similarity;
    return output(g.cast(single, image1.dtype()));
  }

  private static Value channelsFirst(GraphBuilder g, Value x, ChannelLayout layout) {
    return layout.toFirst(g, x.rank() == IMAGE_RANK ? g.unsqueeze(x, 0) : x);
  }

  private static Nested<KerasTensor> scaleAndTranslate(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value images = operands.tensor("images");
    List<Long> target = operands.integers("output_shape");
    DType dtype = operands.strongType("scale", "translation");
    Value scale = operands.get("scale").as(dtype);
    Value translation = operands.get("translation").as(dtype);
    Resampling.Weighted resampling =
        new Resampling.Weighted(
            kernel(operands.get("method").string()), operands.bool("antialias", true));
    boolean whole = images.dtype().isInteger();
    Value moved = whole ? g.cast(images, DType.FLOAT32) : images;
    List<Long> axes = operands.integers("spatial_dims");
    for (int i = 0; i < axes.size(); i++) {
      int axis = Operands.position(axes.get(i), images.rank());
      Value weights =
          resampling.weights(
              g,
              moved.dim(axis),
              Dim.of(target.get(axis)),
              g.take(scale, 0, i),
              g.take(translation, 0, i));
      moved = Resampling.product(g, moved, axis, weights);
    }
    if (!whole) {
      return output(moved);
    }
    Value least = g.cast(g.reduceMin(images, false), DType.FLOAT32);
    Value greatest = g.cast(g.reduceMax(images, false), DType.FLOAT32);
    Value held = g.max(g.min(g.round(moved), greatest), least);
    return output(g.cast(held, images.dtype()));
  }

  private static ResamplingKernel kernel(String method) {
    return switch (method) {
      case "linear", "bilinear", "trilinear" -> ResamplingKernel.TRIANGLE;
      case "cubic", "bicubic", "tricubic" -> ResamplingKernel.CUBIC;
      case "lanczos3" -> ResamplingKernel.LANCZOS3;
      case "lanczos5" -> ResamplingKernel.LANCZOS5;
      default ->
          throw AlphornException.invalidArgument("argument 'method' cannot be \"%s\"", method);
    };
  }
}
