package io.alphorn.compiler.layers;

import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loop over time of {@code keras.src.backend.tensorflow.rnn.rnn}: masked steps keep the states
 * and the output of the step before.
 */
final class Recurrence {
  /** One step of a cell. */
  @FunctionalInterface
  interface Step {
    /** The output, then the new states. */
    List<Value> apply(GraphBuilder g, Value input, List<Value> states);
  }

  /**
   * What a run over a sequence gives.
   *
   * @param last output of the last step, [B, …]
   * @param sequence outputs of all steps, [B, T, …]
   * @param states after the last step
   */
  record Result(Value last, Value sequence, List<Value> states) {}

  private final GraphBuilder g;
  private final RecurrenceSettings settings;
  private final Step step;

  Recurrence(GraphBuilder g, RecurrenceSettings settings, Step step) {
    this.g = g;
    this.settings = settings;
    this.step = step;
  }

  /**
   * Runs the cell.
   *
   * @param sequence [B, T, …]
   * @param mask boolean [B, T], or null
   * @param output of the shape of the cell's output, zero
   */
  Result run(Value sequence, @Nullable Value mask, List<Value> states, Value output) {
    Value steps = inOrder(g.swapAxes(sequence, 0, 1));
    return mask == null ? runAll(steps, states) : runMasked(steps, mask, states, output);
  }

  /** Time first; the last step first when going backwards. */
  private Value inOrder(Value timeFirst) {
    return settings.goBackwards() ? g.reverse(timeFirst, 0) : timeFirst;
  }

  private Result runAll(Value steps, List<Value> states) {
    List<Value> results =
        g.scan(
            states,
            List.of(steps),
            (body, parameters) -> {
              List<Value> before = parameters.subList(0, states.size());
              List<Value> stepped = step.apply(body, parameters.getLast(), before);
              List<Value> after = new ArrayList<>(stepped.subList(1, stepped.size()));
              after.add(stepped.getFirst());
              return after;
            });
    Value outputs = results.getLast();
    return new Result(
        g.take(outputs, 0, -1), g.swapAxes(outputs, 0, 1), results.subList(0, states.size()));
  }

  private Result runMasked(Value steps, Value mask, List<Value> states, Value output) {
    Value masks = inOrder(g.swapAxes(g.cast(mask, DType.BOOL), 0, 1));
    int count = states.size();
    List<Value> carried = new ArrayList<>(states);
    carried.add(output);
    List<Value> results =
        g.scan(
            carried,
            List.of(steps, masks),
            (body, parameters) -> {
              Value kept = parameters.getLast();
              List<Value> before = parameters.subList(0, count + 1);
              List<Value> stepped =
                  step.apply(body, parameters.get(count + 1), before.subList(0, count));
              List<Value> after = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                after.add(choose(body, kept, stepped.get(i + 1), before.get(i)));
              }
              Value next = choose(body, kept, stepped.getFirst(), before.get(count));
              after.add(next);
              after.add(next);
              return after;
            });
    Value outputs = results.getLast();
    Value last = results.get(count);
    if (settings.zeroOutputForMask()) {
      Value zero = g.scalar(output.dtype(), 0);
      last = g.where(align(g, g.take(masks, 0, -1), last.rank()), last, zero);
      outputs = g.where(align(g, outputMasks(mask, masks), outputs.rank()), outputs, zero);
    }
    return new Result(last, g.swapAxes(outputs, 0, 1), results.subList(0, count));
  }

  /** Keras's unrolled loop zeroes outputs by the mask as it came, even when going backwards. */
  private Value outputMasks(Value mask, Value inOrder) {
    return settings.unroll() ? g.swapAxes(g.cast(mask, DType.BOOL), 0, 1) : inOrder;
  }

  private static Value choose(GraphBuilder g, Value mask, Value whenTrue, Value whenFalse) {
    return g.where(align(g, mask, whenTrue.rank()), whenTrue, whenFalse);
  }

  /** A mask of the leading axes, with axes of size 1 up to {@code rank}. */
  static Value align(GraphBuilder g, Value mask, int rank) {
    Value aligned = mask;
    while (aligned.rank() < rank) {
      aligned = g.unsqueeze(aligned, -1);
    }
    return aligned;
  }

  /** Zeros [B, sizes…]. */
  static Value zeros(GraphBuilder g, Dim batch, DType dtype, long... sizes) {
    return g.fill(Shape.of(batch).concat(Shape.of(sizes)), dtype, 0);
  }
}
