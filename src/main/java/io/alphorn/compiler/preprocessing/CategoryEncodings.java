package io.alphorn.compiler.preprocessing;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * CategoryEncoding and Discretization, and the encodings of category indices that they share with
 * the lookup and hashing layers ({@code numerical_utils.encode_categorical_inputs}).
 */
public final class CategoryEncodings {
  private CategoryEncodings() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("CategoryEncoding", CategoryEncodings::categoryEncoding)
            .arguments("num_tokens", "output_mode")
            .parameters("inputs", "count_weights")
            .masking(Masking.STOP)
            .withoutAutocast(),
        Lowering.layer("Discretization", CategoryEncodings::discretization)
            .arguments("bin_boundaries", "num_bins", "epsilon", "output_mode")
            .masking(Masking.STOP)
            .withoutAutocast());
  }

  /** https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/ */
  private static Nested<KerasTensor> categoryEncoding(OperationCall call) {
    long depth = call.config().integer("num_tokens");
    String mode = call.config().string("output_mode", "multi_hot");
    Value indices = call.arguments().tensor("inputs").value();
    Value weights =
        call.arguments().findTensor("count_weights").map(KerasTensor::value).orElse(Value.NONE);
    return output(encode(call.graph(), indices, mode, depth, call.computeType(), weights));
  }

  /** https://keras.io/api/layers/preprocessing_layers/numerical/discretization/ */
  private static Nested<KerasTensor> discretization(OperationCall call) {
    GraphBuilder g = call.graph();
    if (!call.config().has("bin_boundaries")) {
      throw AlphornException.failedPrecondition(
          "Discretization was saved before adapt() had seen data, so it has no bin boundaries");
    }
    List<Double> boundaries = call.config().reals("bin_boundaries");
    float[] values = new float[boundaries.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = boundaries.get(i).floatValue();
    }
    String mode = call.config().string("output_mode", "int");
    DType dtype = mode.equals("int") ? DType.INT32 : call.computeType();
    Value bins = digitize(g, call.input(), values);
    return output(encode(g, bins, mode, values.length + 1L, dtype, Value.NONE));
  }

  /** TensorFlow's Bucketize: how many boundaries are not above each element; NaN is above all. */
  private static Value digitize(GraphBuilder g, Value x, float[] boundaries) {
    Value edges = g.constant(Tensor.ofFloats(new long[] {boundaries.length}, boundaries));
    Value below = g.less(g.unsqueeze(g.cast(x, DType.FLOAT32), -1), edges);
    return g.reduceSum(g.cast(g.not(below), DType.INT32), false, -1);
  }

  /**
   * Encodes integer indices below {@code depth}; others count for nothing.
   *
   * @param mode int, one_hot, multi_hot or count
   * @param weights of each index in count mode, or NONE
   */
  static Value encode(
      GraphBuilder g, Value indices, String mode, long depth, DType dtype, Value weights) {
    return switch (mode) {
      case "int" -> g.cast(indices, dtype);
      case "one_hot" -> g.cast(hits(g, withoutLastOne(g, indices), depth), dtype);
      case "multi_hot", "binary" -> multiHot(g, indices, depth, dtype);
      case "count" -> count(g, indices, depth, dtype, weights);
      default ->
          throw AlphornException.unimplemented(
              "argument 'output_mode' = \"%s\" is not supported", mode);
    };
  }

  private static Value multiHot(GraphBuilder g, Value indices, long depth, DType dtype) {
    Value samples = upranked(g, indices);
    Value hits = g.cast(hits(g, samples, depth), DType.INT32);
    return g.cast(g.reduceMax(hits, false, sampleAxis(samples)), dtype);
  }

  private static Value count(
      GraphBuilder g, Value indices, long depth, DType dtype, Value weights) {
    Value samples = upranked(g, indices);
    Value hits = g.cast(hits(g, samples, depth), dtype);
    if (weights.isPresent()) {
      hits = g.mul(hits, g.cast(g.unsqueeze(upranked(g, weights), -1), dtype));
    }
    return g.reduceSum(hits, false, sampleAxis(samples));
  }

  /** Keras folds axis 1 where there is one, whatever the rank. */
  private static int sampleAxis(Value samples) {
    return samples.rank() > 1 ? 1 : 0;
  }

  private static Value upranked(GraphBuilder g, Value indices) {
    return indices.rank() == 0 ? g.unsqueeze(indices, 0) : indices;
  }

  private static Value withoutLastOne(GraphBuilder g, Value indices) {
    Value samples = upranked(g, indices);
    boolean one = samples.rank() > 1 && samples.dim(-1).equals(Dim.of(1));
    return one ? g.squeeze(samples, -1) : samples;
  }

  /** Whether each index is 0, 1, …, depth - 1, along a new last axis. */
  private static Value hits(GraphBuilder g, Value indices, long depth) {
    Value wide = g.cast(indices, DType.INT64);
    return g.equal(g.unsqueeze(wide, -1), g.range(Dim.of(depth), DType.INT64));
  }
}
