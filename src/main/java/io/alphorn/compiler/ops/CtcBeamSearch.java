package io.alphorn.compiler.ops;

import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A search for the most probable labels that keeps a limited number of prefixes at each step.
 * Follows TensorFlow's {@code ctc_beam_search.h}. For one sequence.
 */
final class CtcBeamSearch {
  /** A prefix of labels. */
  private static final class Prefix {
    private final @Nullable Prefix parent;
    private final int label;
    private final Map<Integer, Prefix> children = new HashMap<>();
    private Score old = Score.NONE;
    private Score now = Score.NONE;

    Prefix(@Nullable Prefix parent, int label) {
      this.parent = parent;
      this.label = label;
    }

    double score() {
      return now.total();
    }

    boolean isActive() {
      return now.total() > Double.NEGATIVE_INFINITY;
    }

    long[] labels() {
      List<Long> labels = new ArrayList<>();
      for (Prefix at = this; at.parent != null; at = at.parent) {
        labels.add((long) at.label);
      }
      return labels.reversed().stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** Logarithms of the probabilities of a prefix, by what its alignments end with. */
  private record Score(double blank, double label) {
    private static final Score NONE = new Score(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);

    double total() {
      return CtcAlignments.logAdd(blank, label);
    }
  }

  private final int blank;
  private final int width;
  private List<Prefix> beam = new ArrayList<>();

  CtcBeamSearch(int blank, int width) {
    this.blank = blank;
    this.width = width;
  }

  /** The best paths, the best one first. */
  List<CtcPath> search(double[][] logProbabilities, int paths) {
    Prefix root = new Prefix(null, -1);
    root.now = new Score(0, Double.NEGATIVE_INFINITY);
    beam.add(root);
    for (double[] step : logProbabilities) {
      advance(step);
    }
    if (beam.size() < paths) {
      throw AlphornException.invalidArgument(
          "argument 'top_paths' = %d, but the search ended with %d", paths, beam.size());
    }
    return sorted().stream()
        .limit(paths)
        .map(prefix -> new CtcPath(prefix.labels(), prefix.score()))
        .toList();
  }

  private List<Prefix> sorted() {
    return beam.stream().sorted(Comparator.comparingDouble(Prefix::score).reversed()).toList();
  }

  private void advance(double[] step) {
    List<Prefix> branches = sorted();
    branches.forEach(prefix -> prefix.old = prefix.now);
    for (Prefix prefix : branches) {
      prefix.now = continued(prefix, step);
    }
    beam = new ArrayList<>(branches);
    for (Prefix prefix : branches) {
      if (isCandidate(prefix.old.total())) {
        grow(prefix, step);
      }
    }
  }

  /** The prefix as it is, by one more blank or by its last label again. */
  private Score continued(Prefix prefix, double[] step) {
    double label = Double.NEGATIVE_INFINITY;
    if (prefix.parent != null) {
      label = prefix.old.label();
      if (prefix.parent.isActive()) {
        label = CtcAlignments.logAdd(label, before(prefix, prefix.parent));
      }
      label += step[prefix.label];
    }
    return new Score(prefix.old.total() + step[blank], label);
  }

  /** A label follows itself only after a blank. */
  private static double before(Prefix prefix, Prefix parent) {
    return prefix.label == parent.label ? parent.old.blank() : parent.old.total();
  }

  private void grow(Prefix prefix, double[] step) {
    for (int label = 0; label < step.length; label++) {
      if (label == blank) {
        continue;
      }
      Prefix child = prefix.children.computeIfAbsent(label, key -> new Prefix(prefix, key));
      if (!child.isActive()) {
        Score score = new Score(Double.NEGATIVE_INFINITY, step[label] + before(child, prefix));
        if (isCandidate(score.total())) {
          makeRoom();
          child.now = score;
          beam.add(child);
        } else {
          child.old = Score.NONE;
        }
      }
    }
  }

  private boolean isCandidate(double score) {
    return score > Double.NEGATIVE_INFINITY && (beam.size() < width || score > least().score());
  }

  private Prefix least() {
    return Collections.min(beam, Comparator.comparingDouble(Prefix::score));
  }

  private void makeRoom() {
    if (beam.size() == width) {
      Prefix least = least();
      beam.remove(least);
      least.now = Score.NONE;
    }
  }
}
