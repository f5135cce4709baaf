package io.alphorn.compiler.graph;

import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * ONNX operators that draw numbers, others in each run. With a seed the sequence of draws is the
 * same each time that the graph is loaded.
 */
public interface RandomOperators extends ElementwiseOperators {
  /** ONNX holds a seed as a float32, which tells whole numbers apart up to here. */
  int SEEDS = 1 << 24;

  /** Numbers from 0 up to, not including, 1, in float32, as many as {@code like} has elements. */
  default Value uniformLike(Value like, OptionalLong seed) {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("low", Attribute.of(0.0));
    attributes.put("high", Attribute.of(1.0));
    return random("RandomUniformLike", attributes, like, DType.FLOAT32, seed);
  }

  /** Normal numbers in float32 or float64, as many as {@code like} has elements. */
  default Value normalLike(
      Value like, DType dtype, double mean, double deviation, OptionalLong seed) {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("mean", Attribute.of(mean));
    attributes.put("scale", Attribute.of(deviation));
    return random("RandomNormalLike", attributes, like, dtype, seed);
  }

  private Value random(
      String operator,
      Map<String, Attribute> attributes,
      Value like,
      DType dtype,
      OptionalLong seed) {
    attributes.put("dtype", Attribute.of(ElementTypes.onnx(dtype)));
    seed.ifPresent(value -> attributes.put("seed", Attribute.of(spread(value))));
    return emit(operator, attributes, List.of(like), dtype, like.shape());
  }

  /**
   * ONNX Runtime's generator begins with numbers as small as its seed is, and people choose small
   * ones.
   */
  private static double spread(long seed) {
    return new SplittableRandom(seed).nextInt(SEEDS);
  }
}
