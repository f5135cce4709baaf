package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * BatchNormalization: by its moving statistics at inference, by those of the batch in training,
 * which leave the moving ones as they are. A frozen layer has no training.
 * https://keras.io/api/layers/normalization_layers/batch_normalization/
 */
final class BatchNormalizationLayer {
  /** {@code keras.backend.epsilon()}. */
  private static final double FUZZ = 1e-7;

  /** Mean and variance of each channel. */
  private record Statistics(Value mean, Value variance) {}

  /** Scale and offset of each channel. */
  private record Transform(Value gamma, Value beta) {}

  private final OperationCall call;
  private final GraphBuilder g;
  private final Config config;
  private final Value x;
  private final int axis;
  private final long size;
  private final double epsilon;

  private BatchNormalizationLayer(OperationCall call) {
    this.call = call;
    this.g = call.graph();
    this.config = call.config();
    this.x = g.cast(call.input(), NormalizationLayers.wide(call.computeType()));
    this.axis = x.shape().axis(config.integers("axis", 1, -1).getFirst());
    this.size = x.shape().size(axis);
    this.epsilon = config.real("epsilon", 1e-3);
  }

  static Nested<KerasTensor> lower(OperationCall call) {
    return new BatchNormalizationLayer(call).normalize();
  }

  private Nested<KerasTensor> normalize() {
    Transform transform = new Transform(scale(), offset());
    Statistics moving = new Statistics(state("moving_mean"), state("moving_variance"));
    @Nullable Renormalization renormalization =
        config.bool("renorm", false)
            ? new Renormalization(
                state("moving_stddev"), state("renorm_mean"), state("renorm_stddev"))
            : null;
    if (!config.bool("trainable", true) || !call.training()) {
      return output(normalized(moving, transform));
    }
    Statistics batch = ofBatch();
    return output(
        normalized(
            batch,
            renormalization == null ? transform : corrected(transform, batch, renormalization)));
  }

  private Value scale() {
    return config.bool("scale", true)
        ? NormalizationLayers.wideWeight(call, "gamma", x.dtype(), size)
        : g.fill(Shape.of(size), x.dtype(), 1);
  }

  private Value offset() {
    return config.bool("center", true)
        ? NormalizationLayers.wideWeight(call, "beta", x.dtype(), size)
        : g.fill(Shape.of(size), x.dtype(), 0);
  }

  private Value state(String name) {
    return g.cast(call.variables().nonTrainable(name, size), x.dtype());
  }

  private Value normalized(Statistics statistics, Transform transform) {
    Value first = axis == 1 ? x : g.moveAxis(x, axis, 1);
    Value normalized =
        g.batchNormalization(
            first,
            transform.gamma(),
            transform.beta(),
            statistics.mean(),
            statistics.variance(),
            epsilon);
    Value back = axis == 1 ? normalized : g.moveAxis(normalized, 1, axis);
    return g.cast(back, call.computeType());
  }

  /** Over all axes but the channels'; of a masked sequence over the steps that count. */
  private Statistics ofBatch() {
    int[] others = IntStream.range(0, x.rank()).filter(other -> other != axis).toArray();
    @Nullable Value mask = call.mask();
    if (mask == null) {
      Value mean = g.reduceMean(x, true, others);
      Value variance = g.reduceMean(g.square(g.sub(x, mean)), false, others);
      return new Statistics(g.reshape(mean, size), variance);
    }
    return ofUnmasked(mask, others);
  }

  private Statistics ofUnmasked(Value mask, int[] others) {
    if (mask.rank() != x.rank() - 1) {
      throw AlphornException.invalidArgument(
          "expected a mask of one axis less than the inputs, which are %s, found %s",
          x.shape(), mask.shape());
    }
    Value counted = g.expand(g.cast(g.unsqueeze(mask, -1), DType.BOOL), x.shape());
    Value zero = g.scalar(x.dtype(), 0);
    Value count = g.add(g.reduceSum(g.cast(counted, x.dtype()), true, others), FUZZ);
    Value mean = g.div(g.reduceSum(g.where(counted, x, zero), true, others), count);
    Value difference = g.where(counted, g.sub(x, mean), zero);
    Value variance = g.div(g.reduceSum(g.square(difference), true, others), count);
    return new Statistics(g.reshape(mean, size), g.reshape(variance, size));
  }

  /** What batch renormalization keeps from batch to batch. */
  private record Renormalization(Value movingDeviation, Value mean, Value deviation) {}

  /** {@code _renorm_correction_and_moments}, made a part of scale and offset. */
  private Transform corrected(Transform transform, Statistics batch, Renormalization kept) {
    Value deviation = g.sqrt(g.add(batch.variance(), epsilon));
    Value keptDeviation = g.max(kept.deviation(), Math.sqrt(epsilon));
    Value factor = g.div(deviation, keptDeviation);
    Value shift = g.div(g.sub(batch.mean(), kept.mean()), keptDeviation);
    if (clips("rmin")) {
      factor = g.max(factor, bound("rmin"));
    }
    if (clips("rmax")) {
      factor = g.min(factor, bound("rmax"));
    }
    if (clips("dmax")) {
      shift = g.clip(shift, -bound("dmax"), bound("dmax"));
    }
    return new Transform(
        g.mul(factor, transform.gamma()), g.add(g.mul(shift, transform.gamma()), transform.beta()));
  }

  private boolean clips(String name) {
    return config.json().path("renorm_clipping").hasNonNull(name);
  }

  private double bound(String name) {
    return config.json().path("renorm_clipping").path(name).doubleValue();
  }
}
