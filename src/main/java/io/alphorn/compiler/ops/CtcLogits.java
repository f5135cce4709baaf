package io.alphorn.compiler.ops;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Logits of [batch, time, classes]. */
record CtcLogits(double[] values, int time, int classes) {
  static CtcLogits of(Tensor logits) {
    long[] shape = logits.shape();
    return new CtcLogits(
        HostTensors.reals(logits), Math.toIntExact(shape[1]), Math.toIntExact(shape[2]));
  }

  /** A class that may be counted from the end, counted from the start. */
  int position(int index) {
    return index < 0 ? index + classes : index;
  }

  /**
   * A class moved behind all others, with the slices that Keras takes: of the index -1 they hold
   * every class but the last, then all of them.
   */
  CtcLogits blankLast(int index) {
    int end = position(index + 1);
    IntStream before = IntStream.range(0, position(index));
    IntStream blank = IntStream.range(position(index), index == -1 ? 0 : end);
    IntStream after = IntStream.range(index == -1 ? 0 : end, classes);
    int[] order = IntStream.concat(IntStream.concat(before, after), blank).toArray();
    double[] ordered = new double[values.length / classes * order.length];
    for (int i = 0; i < ordered.length; i++) {
      ordered[i] = values[i / order.length * classes + order[i % order.length]];
    }
    return new CtcLogits(ordered, time, order.length);
  }

  /** The logarithms of the probabilities. */
  CtcLogits normalized() {
    double[] normalized = values.clone();
    for (int from = 0; from < normalized.length; from += classes) {
      double sum = Double.NEGATIVE_INFINITY;
      for (int i = from; i < from + classes; i++) {
        sum = CtcAlignments.logAdd(sum, values[i]);
      }
      for (int i = from; i < from + classes; i++) {
        normalized[i] -= sum;
      }
    }
    return new CtcLogits(normalized, time, classes);
  }

  /** The first steps of one sample, by step and class. */
  double[][] sample(int index, long steps) {
    if (steps < 0 || steps > time) {
      throw AlphornException.invalidArgument(
          "a sequence of length %d does not fit %d steps", steps, time);
    }
    double[][] rows = new double[(int) steps][];
    for (int t = 0; t < rows.length; t++) {
      int from = (index * time + t) * classes;
      rows[t] = Arrays.copyOfRange(values, from, from + classes);
    }
    return rows;
  }
}
