package io.alphorn.api.tfserving;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** A counter by labels, as TensorFlow Serving's exporter writes it for Prometheus. */
final class CounterFamily {
  private final String name;
  private final Labels labels;
  private final Map<String, LongAdder> cells = new ConcurrentSkipListMap<>();

  CounterFamily(String name, String... labelNames) {
    this.name = name;
    this.labels = new Labels(labelNames);
  }

  void add(long amount, String... labelValues) {
    cells.computeIfAbsent(labels.text(labelValues), text -> new LongAdder()).add(amount);
  }

  void write(StringBuilder page) {
    page.append("# TYPE ").append(name).append(" counter\n");
    cells.forEach(
        (text, cell) ->
            page.append(name).append('{').append(text).append("} ").append(cell).append('\n'));
  }
}
