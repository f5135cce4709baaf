package io.alphorn.compiler.ops;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Labels against steps, with blanks between (Graves et al. 2006). */
final class CtcAlignments {
  private CtcAlignments() {}

  /** log(exp(a) + exp(b)). */
  static double logAdd(double a, double b) {
    if (a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY) {
      return Math.max(a, b);
    }
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  /** -log of the probability of all alignments of {@code target}; infinite when there is none. */
  static double loss(double[][] logProbabilities, long[] target, int blank) {
    int states = 2 * target.length + 1;
    double[] alphas = new double[states];
    Arrays.fill(alphas, Double.NEGATIVE_INFINITY);
    for (int t = 0; t < logProbabilities.length; t++) {
      double[] next = new double[states];
      for (int s = 0; s < states; s++) {
        double reached =
            t == 0 ? (s < 2 ? 0 : Double.NEGATIVE_INFINITY) : reached(alphas, s, target);
        int label = s % 2 == 0 ? blank : (int) target[s / 2];
        next[s] = reached + logProbabilities[t][label];
      }
      alphas = next;
    }
    double last = alphas[states - 1];
    return -(states == 1 ? last : logAdd(last, alphas[states - 2]));
  }

  /** From the same state, from the one before, or over a blank between two different labels. */
  private static double reached(double[] alphas, int s, long[] target) {
    double reached = alphas[s];
    if (s > 0) {
      reached = logAdd(reached, alphas[s - 1]);
    }
    boolean skips = s % 2 == 1 && s > 1 && target[s / 2] != target[s / 2 - 1];
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
