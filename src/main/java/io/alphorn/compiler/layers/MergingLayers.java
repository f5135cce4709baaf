package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.Addition;
import io.alphorn.compiler.ops.Promotion;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** {@code keras.layers.merging}: https://keras.io/api/layers/merging_layers/ */
public final class MergingLayers {
  /** The square of Keras's epsilon, below which a norm counts as epsilon. */
  private static final double SMALLEST_SQUARE = 1e-14;

  private MergingLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        merge("Add", call -> fold(call, Addition::add)),
        merge("Subtract", call -> fold(call, GraphBuilder::sub)),
        merge("Multiply", MergingLayers::multiply),
        merge("Average", MergingLayers::average),
        merge("Maximum", call -> extreme(call, GraphBuilder::max)),
        merge("Minimum", call -> extreme(call, GraphBuilder::min)),
        merge("Concatenate", MergingLayers::concatenate).arguments("axis"),
        merge("Dot", MergingLayers::dot).arguments("axes", "normalize").masking(Masking.STOP));
  }

  private static Lowering merge(String name, Lowering.Function function) {
    return Lowering.layer(name, function).masking(Masking.OWN);
  }

  /** An elementwise operator of two values. */
  private interface Combine {
    Value apply(GraphBuilder g, Value a, Value b);
  }

  /**
   * Inputs of different ranks get axes after the batch. Keras makes new tensors of those that do,
   * which have no masks.
   */
  private static List<KerasTensor> aligned(OperationCall call) {
    GraphBuilder g = call.graph();
    List<KerasTensor> inputs = call.inputs();
    if (inputs.isEmpty()) {
      throw AlphornException.invalidArgument(
          "%s needs a list of inputs", call.operation().className());
    }
    int rank = inputs.stream().mapToInt(KerasTensor::rank).max().orElse(0);
    List<KerasTensor> aligned = new ArrayList<>();
    for (KerasTensor input : inputs) {
      Value value = input.value();
      while (value.rank() < rank) {
        value = g.unsqueeze(value, 1);
      }
      aligned.add(value.equals(input.value()) ? input : KerasTensor.of(value));
    }
    return aligned;
  }

  private static Value folded(GraphBuilder g, List<Value> values, Combine combine) {
    Value result = values.getFirst();
    for (Value value : values.subList(1, values.size())) {
      result = combined(g, result, value, combine);
    }
    return result;
  }

  /** Two values of any types, in the type that Keras promotes them to. */
  private static Value combined(GraphBuilder g, Value a, Value b, Combine combine) {
    DType dtype = Promotion.resultType(a.dtype(), b.dtype());
    return combine.apply(g, g.cast(a, dtype), g.cast(b, dtype));
  }

  private static Nested<KerasTensor> fold(OperationCall call, Combine combine) {
    List<Value> values = aligned(call).stream().map(KerasTensor::value).toList();
    return Nested.leaf(new KerasTensor(folded(call.graph(), values, combine), anyMask(call)));
  }

  /** The masks joined by "or"; none when one input has none. */
  private static @Nullable Value anyMask(OperationCall call) {
    @Nullable Value joined = null;
    for (KerasTensor input : call.inputs()) {
      Value mask = input.mask();
      if (mask == null) {
        return null;
      }
      joined = joined == null ? mask : call.graph().or(joined, mask);
    }
    return joined;
  }

  /** Where an input is masked it counts as 1; where all are, the product is 0. */
  private static Nested<KerasTensor> multiply(OperationCall call) {
    GraphBuilder g = call.graph();
    List<Value> factors = new ArrayList<>();
    List<Value> masks = new ArrayList<>();
    List<KerasTensor> inputs = aligned(call);
    for (KerasTensor input : inputs) {
      Value factor = input.value();
      Value mask = input.mask();
      if (mask != null) {
        Value wide = g.unsqueeze(mask, -1);
        factor = g.where(wide, factor, g.scalar(factor.dtype(), 1));
        masks.add(wide);
      }
      factors.add(factor);
    }
    Value product = folded(g, factors, GraphBuilder::mul);
    if (masks.size() == inputs.size()) {
      Value any = masks.stream().reduce(g::or).orElseThrow();
      product = g.where(any, product, g.scalar(product.dtype(), 0));
    }
    return Nested.leaf(new KerasTensor(product, anyMask(call)));
  }

  private static Nested<KerasTensor> average(OperationCall call) {
    GraphBuilder g = call.graph();
    List<Value> values = aligned(call).stream().map(KerasTensor::value).toList();
    Value sum = folded(g, values, Addition::add);
    Value divisible = g.cast(sum, quotientType(sum.dtype()));
    return Nested.leaf(new KerasTensor(g.div(divisible, values.size()), anyMask(call)));
  }

  /** The type of TensorFlow's true division: wide integers are divided as float64. */
  private static DType quotientType(DType dtype) {
    if (!dtype.isInteger()) {
      return dtype;
    }
    return dtype.bytes() >= 4 ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** {@code Merge._apply_merge_op_and_or_mask}: a masked element gives way to the other input's. */
  private static Nested<KerasTensor> extreme(OperationCall call, Combine combine) {
    GraphBuilder g = call.graph();
    @Nullable Value output = null;
    @Nullable Value outputMask = null;
    for (KerasTensor input : aligned(call)) {
      Value x = input.value();
      Value mask = input.mask();
      @Nullable Value wide = mask == null ? null : g.expand(g.unsqueeze(mask, -1), x.shape());
      if (output == null) {
        output = x;
        outputMask = wide;
        continue;
      }
      DType dtype = Promotion.resultType(output.dtype(), x.dtype());
      output = g.cast(output, dtype);
      x = g.cast(x, dtype);
      if (wide != null) {
        x = g.where(wide, x, output);
      }
      if (outputMask != null) {
        output = g.where(outputMask, output, x);
      }
      outputMask = wide != null && outputMask != null ? g.or(outputMask, wide) : null;
      output = combine.apply(g, output, x);
    }
    Value mask = outputMask == null ? anyMask(call) : any(g, outputMask);
    return Nested.leaf(new KerasTensor(Objects.requireNonNull(output), mask));
  }

  private static Value any(GraphBuilder g, Value mask) {
    return g.cast(g.reduceMax(g.cast(mask, DType.INT32), false, -1), DType.BOOL);
  }

  private static Nested<KerasTensor> concatenate(OperationCall call) {
    GraphBuilder g = call.graph();
    int axis = Math.toIntExact(call.config().integer("axis", -1));
    List<KerasTensor> inputs = call.inputs();
    DType dtype =
        Promotion.resultType(inputs.stream().map(KerasTensor::dtype).toArray(DType[]::new));
    Value joined =
        g.concat(axis, inputs.stream().map(input -> g.cast(input.value(), dtype)).toList());
    return Nested.leaf(new KerasTensor(joined, concatenatedMask(call, axis)));
  }

  private static @Nullable Value concatenatedMask(OperationCall call, int axis) {
    GraphBuilder g = call.graph();
    if (call.inputs().stream().allMatch(input -> input.mask() == null)) {
      return null;
    }
    List<Value> masks = new ArrayList<>();
    for (KerasTensor input : call.inputs()) {
      Value mask = input.mask();
      if (mask == null) {
        masks.add(g.expand(g.scalar(DType.BOOL, 1), input.shape()));
      } else {
        masks.add(
            mask.rank() < input.rank() ? g.expand(g.unsqueeze(mask, -1), input.shape()) : mask);
      }
    }
    return any(g, g.concat(axis, masks));
  }

  /** {@code keras.src.layers.merging.dot.batch_dot}. */
  private static Nested<KerasTensor> dot(OperationCall call) {
    GraphBuilder g = call.graph();
    List<KerasTensor> inputs = call.inputs();
    if (inputs.size() != 2) {
      throw AlphornException.invalidArgument("Dot needs two inputs, found %d", inputs.size());
    }
    List<Long> axes = call.config().integers("axes", 2, -1);
    Value x = inputs.get(0).value();
    Value y = inputs.get(1).value();
    int xAxis = x.shape().axis(axes.get(0));
    int yAxis = y.shape().axis(axes.get(1));
    if (call.config().bool("normalize", false)) {
      x = normalized(g, x, xAxis);
      y = normalized(g, y, yAxis);
    }
    return OperationCall.output(batchDot(g, x, y, xAxis, yAxis));
  }

  private static Value normalized(GraphBuilder g, Value x, int axis) {
    Value squares = g.reduceSum(g.square(x), true, axis);
    return g.mul(x, g.reciprocal(g.sqrt(g.max(squares, SMALLEST_SQUARE))));
  }

  private static Value batchDot(GraphBuilder g, Value x, Value y, int xAxis, int yAxis) {
    Value rows = g.moveAxis(x, xAxis, -1);
    Value columns = g.moveAxis(y, yAxis, 1);
    Shape left = rows.shape().subShape(1, rows.rank() - 1);
    Shape right = columns.shape().subShape(2, columns.rank());
    Value a = squashed(g, rows, 1, rows.rank() - 1);
    Value b = squashed(g, columns, 2, columns.rank());
    Value product = g.matMul(a, b);
    Shape shape = Shape.of(x.dim(0)).concat(left).concat(right);
    Value result = g.reshape(product, shape);
    return result.rank() == 1 ? g.unsqueeze(result, -1) : result;
  }

  /** The axes from {@code from} to {@code to} as one, even when there are none. */
  private static Value squashed(GraphBuilder g, Value x, int from, int to) {
    if (to - from == 1) {
      return x;
    }
    Shape middle = x.shape().subShape(from, to);
    boolean known = middle.isKnown();
    long size =
        IntStream.range(0, middle.rank())
            .mapToLong(i -> known ? middle.size(i) : 1)
            .reduce(1, Math::multiplyExact);
    Dim dim = known ? Dim.of(size) : g.freshDim();
    Shape shape = x.shape().subShape(0, from).append(dim).concat(x.shape().subShape(to, x.rank()));
    return g.reshape(x, shape);
  }
}
