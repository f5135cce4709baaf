package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code keras.ops.nn}: connectionist temporal classification, in Java. Follows {@code
 * keras/src/backend/tensorflow/nn.py}.
 */
public final class CtcOps {
  private static final long BEAM_WIDTH = 100;

  private CtcOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("nn", "CTCLoss", CtcOps::loss)
            .parameters("target", "output", "target_length", "output_length"),
        Lowering.operation("nn", "CTCDecode", CtcOps::decode)
            .parameters("inputs", "sequence_lengths"));
  }

  private static Nested<KerasTensor> loss(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value logits = operands.tensor("output");
    DType dtype = Promotion.resultType(logits.dtype(), DType.FLOAT32);
    List<Value> inputs =
        List.of(
            operands.get("target").as(DType.INT32),
            g.cast(logits, dtype),
            operands.get("target_length").as(DType.INT32),
            operands.get("output_length").as(DType.INT32));
    int blank = Math.toIntExact(operands.integer("mask_index", 0));
    return output(
        g.host(
            "CtcLoss",
            inputs,
            dtype,
            Shape.of(logits.dim(0)),
            tensors -> {
              LogProbabilities probabilities = LogProbabilities.of(tensors.get(1), blank);
              long[] labels = HostTensors.integers(tensors.get(0));
              long[] labelLengths = HostTensors.integers(tensors.get(2));
              long[] lengths = HostTensors.integers(tensors.get(3));
              int width = labelLengths.length == 0 ? 0 : labels.length / labelLengths.length;
              double[] losses = new double[lengths.length];
              for (int i = 0; i < losses.length; i++) {
                int from = i * width;
                long[] target = Arrays.copyOfRange(labels, from, from + (int) labelLengths[i]);
                losses[i] =
                    CtcAlignments.loss(
                        probabilities.sample(i, (int) lengths[i]), target, probabilities.blank());
              }
              return List.of(HostTensors.ofReals(dtype, new long[] {losses.length}, losses));
            }));
  }

  /** Decoded labels of [paths, batch, time], filled up with -1, and scores of [batch, paths]. */
  private static Nested<KerasTensor> decode(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value given = operands.tensor("inputs");
    DType dtype = Promotion.resultType(given.dtype(), DType.FLOAT32);
    Decoder decoder = decoder(operands);
    List<Value> decoded =
        g.host(
            "CtcDecode",
            List.of(g.cast(given, dtype), operands.get("sequence_lengths").as(DType.INT32)),
            List.of(DType.INT32, dtype),
            List.of(
                Shape.of(Dim.of(decoder.paths()), given.dim(0), given.dim(1)),
                Shape.of(given.dim(0), Dim.of(decoder.paths()))),
            tensors -> decode(tensors.get(0), tensors.get(1), decoder));
    return outputs(decoded);
  }

  /** The settings of a decoder. */
  private record Decoder(
      boolean greedy, int beamWidth, int paths, boolean mergeRepeated, int blank) {}

  private static Decoder decoder(Operands operands) {
    String strategy = operands.string("strategy", "greedy");
    if (!strategy.equals("greedy") && !strategy.equals("beam_search")) {
      throw AlphornException.invalidArgument(
          "argument 'strategy' must be 'greedy' or 'beam_search', found '%s'", strategy);
    }
    boolean greedy = strategy.equals("greedy");
    return new Decoder(
        greedy,
        Math.toIntExact(operands.integer("beam_width", BEAM_WIDTH)),
        greedy ? 1 : Math.toIntExact(operands.integer("top_paths", 1)),
        operands.bool("merge_repeated", true),
        Math.toIntExact(operands.integer("mask_index", 0)));
  }

  private static List<Tensor> decode(Tensor logits, Tensor lengths, Decoder decoder) {
    LogProbabilities probabilities =
        decoder.greedy()
            ? LogProbabilities.raw(logits, decoder.blank())
            : LogProbabilities.of(logits, decoder.blank());
    int batch = Math.toIntExact(logits.shape()[0]);
    int time = Math.toIntExact(logits.shape()[1]);
    long[] labels = new long[decoder.paths() * batch * time];
    Arrays.fill(labels, -1);
    double[] scores = new double[batch * decoder.paths()];
    long[] steps = HostTensors.integers(lengths);
    for (int i = 0; i < batch; i++) {
      double[][] sample = probabilities.sample(i, Math.toIntExact(steps[i]));
      List<CtcPath> paths =
          decoder.greedy()
              ? List.of(
                  CtcAlignments.greedy(sample, probabilities.blank(), decoder.mergeRepeated()))
              : new CtcBeamSearch(probabilities.blank(), decoder.beamWidth())
                  .search(sample, decoder.paths());
      for (int path = 0; path < paths.size(); path++) {
        long[] found = paths.get(path).labels();
        System.arraycopy(found, 0, labels, (path * batch + i) * time, found.length);
        scores[i * decoder.paths() + path] = paths.get(path).score();
      }
    }
    return List.of(
        HostTensors.ofIntegers(DType.INT32, new long[] {decoder.paths(), batch, time}, labels),
        HostTensors.ofReals(logits.dtype(), new long[] {batch, decoder.paths()}, scores));
  }

  /**
   * Logits of [batch, time, classes] as logarithms of probabilities.
   *
   * @param blank the class that stands for no label, counted from the start
   */
  private record LogProbabilities(double[] values, int time, int classes, int blank) {
    static LogProbabilities raw(Tensor logits, int blank) {
      int classes = Math.toIntExact(logits.shape()[2]);
      return new LogProbabilities(
          HostTensors.reals(logits),
          Math.toIntExact(logits.shape()[1]),
          classes,
          blank < 0 ? blank + classes : blank);
    }

    static LogProbabilities of(Tensor logits, int blank) {
      LogProbabilities probabilities = raw(logits, blank);
      for (int from = 0; from < probabilities.values.length; from += probabilities.classes) {
        probabilities.normalize(from);
      }
      return probabilities;
    }

    private void normalize(int from) {
      double greatest = Double.NEGATIVE_INFINITY;
      for (int i = from; i < from + classes; i++) {
        greatest = Math.max(greatest, values[i]);
      }
      double sum = 0;
      for (int i = from; i < from + classes; i++) {
        sum += Math.exp(values[i] - greatest);
      }
      for (int i = from; i < from + classes; i++) {
        values[i] -= greatest + Math.log(sum);
      }
    }

    /** The first steps of one sample, by step and class. */
    double[][] sample(int index, int steps) {
      if (steps < 0 || steps > time) {
        throw AlphornException.invalidArgument(
            "a sequence of length %d does not fit %d steps", steps, time);
      }
      List<double[]> rows = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        int from = (index * time + t) * classes;
        rows.add(Arrays.copyOfRange(values, from, from + classes));
      }
      return rows.toArray(double[][]::new);
    }
  }
}
