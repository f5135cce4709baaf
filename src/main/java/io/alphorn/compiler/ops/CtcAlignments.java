package io.alphorn.compiler.ops;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Labels against steps, with blanks between (Graves et al. 2006). */
final class CtcAlignments {
  /** In float32, as TensorFlow computes it. */
  private static final double LOG_UNLIKELY = (float) Math.log(1e-307);

  private CtcAlignments() {}

  /** log(exp(a) + exp(b)). */
  static double logAdd(double a, double b) {
    if (a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY) {
      return Math.max(a, b);
    }
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  /**
   * -log of the probability of all alignments of the first {@code length} labels. As TensorFlow has
   * it, an alignment that ends elsewhere counts with a probability of 1e-307, so that a target that
   * has no alignment is very unlikely rather than impossible; for that the labels after {@code
   * length} matter too.
   */
  static double loss(double[][] logProbabilities, long[] labels, int length, int blank) {
    if (logProbabilities.length == 0) {
      return length == 0 ? 0 : -LOG_UNLIKELY;
    }
    long[] classes = Arrays.stream(labels).map(label -> blankFirst(label, blank)).toArray();
    int states = 2 * labels.length + 1;
    double[] alphas = new double[states];
    Arrays.fill(alphas, Double.NEGATIVE_INFINITY);
    for (int t = 0; t < logProbabilities.length; t++) {
      double[] next = new double[states];
      for (int s = 0; s < states; s++) {
        double start = s < 2 ? 0 : Double.NEGATIVE_INFINITY;
        double reached = t == 0 ? start : reached(alphas, s, classes);
        next[s] = reached + observed(logProbabilities[t], s % 2 == 0 ? 0 : classes[s / 2], blank);
      }
      alphas = next;
    }
    double total = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < states; s++) {
      boolean ends = s == 2 * length || s == 2 * length - 1;
      total = logAdd(total, ends ? alphas[s] : alphas[s] + LOG_UNLIKELY);
    }
    return -total;
  }

  /** The number of a class when the blank is put before all others, as TensorFlow does. */
  private static long blankFirst(long label, int blank) {
    return blank != 0 && label < blank ? label + 1 : label;
  }

  /** The probability of a class by that number; what is no class has one of 1. */
  private static double observed(double[] step, long number, int blank) {
    if (number < 0 || number >= step.length) {
      return 0;
    }
    int index = (int) number;
    return step[index == 0 ? blank : index <= blank ? index - 1 : index];
  }

  /** From the same state, from the one before, or over a blank between two different labels. */
  private static double reached(double[] alphas, int s, long[] classes) {
    double reached = alphas[s];
    if (s > 0) {
      reached = logAdd(reached, alphas[s - 1]);
    }
    boolean skips = s % 2 == 1 && s > 1 && classes[s / 2] != classes[s / 2 - 1];
    return skips ? logAdd(reached, alphas[s - 2]) : reached;
  }

  /** The most probable class of each step; the score is the sum of their negated logits. */
  static CtcPath greedy(double[][] logits, int blank, boolean mergeRepeated) {
    LongStream.Builder labels = LongStream.builder();
    double score = 0;
    int previous = -1;
    for (double[] step : logits) {
      int best = 0;
      for (int i = 1; i < step.length; i++) {
        best = step[i] > step[best] ? i : best;
      }
      score -= step[best];
      if (best != blank && !(mergeRepeated && best == previous)) {
        labels.add(best);
      }
      previous = best;
    }
    return new CtcPath(labels.build().toArray(), score);
  }
}
