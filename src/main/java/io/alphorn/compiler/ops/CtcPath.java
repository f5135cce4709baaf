package io.alphorn.compiler.ops;

/** A decoded sequence of labels, without blanks, and its score. */
record CtcPath(long[] labels, double score) {}
