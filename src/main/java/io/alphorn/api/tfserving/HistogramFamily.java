package io.alphorn.api.tfserving;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** A histogram by labels, as TensorFlow Serving's exporter writes it for Prometheus. */
final class HistogramFamily {
  private static final MathContext SIX_DIGITS = new MathContext(6);

  private final String name;
  private final Labels labels;
  private final double[] limits;
  private final String[] limitTexts;
  private final Map<String, Cell> cells = new ConcurrentSkipListMap<>();

  /** Buckets that end at {@code first}, {@code first * growth}, …, and one without an end. */
  HistogramFamily(String name, double first, double growth, int buckets, String... labelNames) {
    this.name = name;
    this.labels = new Labels(labelNames);
    this.limits = new double[buckets];
    this.limitTexts = new String[buckets + 1];
    double limit = first;
    for (int i = 0; i < buckets; i++) {
      limits[i] = limit;
      limitTexts[i] = text(limit);
      limit *= growth;
    }
    limitTexts[buckets] = "+Inf";
  }

  /** As C's {@code %g}, by which TensorFlow Serving prints the bounds. */
  private static String text(double value) {
    BigDecimal rounded = new BigDecimal(value).round(SIX_DIGITS).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < SIX_DIGITS.getPrecision()) {
      return rounded.toPlainString();
    }
    return "%se+%02d".formatted(rounded.movePointLeft(exponent).toPlainString(), exponent);
  }

  void add(long value, String... labelValues) {
    cells
        .computeIfAbsent(labels.text(labelValues), text -> new Cell(limits.length + 1))
        .add(bucket(value), value);
  }

  private int bucket(long value) {
    int found = Arrays.binarySearch(limits, value);
    return found >= 0 ? found : -found - 1;
  }

  void write(StringBuilder page) {
    page.append("# TYPE ").append(name).append(" histogram\n");
    cells.forEach((text, cell) -> write(page, text, cell));
  }

  private void write(StringBuilder page, String text, Cell cell) {
    long count = 0;
    for (int i = 0; i < limitTexts.length; i++) {
      count += cell.buckets[i].sum();
      page.append(name)
          .append("_bucket{%s,le=\"%s\"} ".formatted(text, limitTexts[i]))
          .append(count)
          .append('\n');
    }
    page.append(name).append("_sum{%s} ".formatted(text)).append(cell.sum).append('\n');
    page.append(name).append("_count{%s} ".formatted(text)).append(count).append('\n');
  }

  /** One histogram of the family. */
  private static final class Cell {
    private final LongAdder[] buckets;
    private final LongAdder sum = new LongAdder();

    Cell(int size) {
      this.buckets = Stream.generate(LongAdder::new).limit(size).toArray(LongAdder[]::new);
    }

    void add(int bucket, long value) {
      buckets[bucket].increment();
      sum.add(value);
    }
  }
}
