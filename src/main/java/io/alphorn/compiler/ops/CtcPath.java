package io.alphorn.compiler.ops;

import java.util.Arrays;

/** A decoded sequence of labels, without blanks, and its score. */
record CtcPath(long[] labels, double score) {
  /** The labels as they were before a class was taken out of the row of classes. */
  CtcPath withoutClass(int position) {
    long[] original =
        Arrays.stream(labels).map(label -> label >= position ? label + 1 : label).toArray();
    return new CtcPath(original, score);
  }
}
