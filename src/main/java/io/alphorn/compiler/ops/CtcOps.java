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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    Value output = operands.tensor("output");
    DType dtype = Promotion.resultType(output.dtype(), DType.FLOAT32);
    List<Value> inputs =
        List.of(
            operands.get("target").as(DType.INT32),
            g.cast(output, dtype),
            operands.get("target_length").as(DType.INT32),
            operands.get("output_length").as(DType.INT32));
    int blank = Math.toIntExact(operands.integer("mask_index", 0));
    return output(
        g.host(
            "CtcLoss",
            inputs,
            dtype,
            Shape.of(output.dim(0)),
            tensors -> {
              CtcLogits logits = CtcLogits.of(tensors.get(1)).normalized();
              long[] labels = HostTensors.integers(tensors.get(0));
              long[] labelLengths = HostTensors.integers(tensors.get(2));
              long[] lengths = HostTensors.integers(tensors.get(3));
              int width = Math.toIntExact(tensors.get(0).shape()[1]);
              double[] losses = new double[lengths.length];
              for (int i = 0; i < losses.length; i++) {
                losses[i] =
                    CtcAlignments.loss(
                        logits.sample(i, lengths[i]),
                        Arrays.copyOfRange(labels, i * width, (i + 1) * width),
                        Math.toIntExact(labelLengths[i]),
                        logits.position(blank));
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

  /**
   * The settings of a decoder.
   *
   * @param blank the class that stands for no label, counted from the end when negative; null means
   *     the last
   */
  private record Decoder(
      boolean greedy, int beamWidth, int paths, boolean mergeRepeated, @Nullable Integer blank) {
    List<CtcPath> decode(CtcLogits logits, int sample, long steps) {
      if (greedy) {
        int position = logits.position(blank == null ? -1 : blank);
        return List.of(CtcAlignments.greedy(logits.sample(sample, steps), position, mergeRepeated));
      }
      CtcLogits ordered = blank == null ? logits : logits.blankLast(blank);
      CtcBeamSearch search = new CtcBeamSearch(ordered.classes() - 1, beamWidth);
      List<CtcPath> found = search.search(ordered.normalized().sample(sample, steps), paths);
      return blank == null
          ? found
          : found.stream().map(path -> path.withoutClass(logits.position(blank))).toList();
    }
  }

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
        operands.isExplicitlyNone("mask_index")
            ? null
            : Integer.valueOf(Math.toIntExact(operands.integer("mask_index", 0))));
  }

  private static List<Tensor> decode(Tensor inputs, Tensor lengths, Decoder decoder) {
    CtcLogits logits = CtcLogits.of(inputs);
    int batch = Math.toIntExact(inputs.shape()[0]);
    int time = Math.toIntExact(inputs.shape()[1]);
    long[] labels = new long[decoder.paths() * batch * time];
    Arrays.fill(labels, -1);
    double[] scores = new double[batch * decoder.paths()];
    long[] steps = HostTensors.integers(lengths);
    for (int i = 0; i < batch; i++) {
      List<CtcPath> paths = decoder.decode(logits, i, steps[i]);
      for (int path = 0; path < paths.size(); path++) {
        long[] found = paths.get(path).labels();
        System.arraycopy(found, 0, labels, (path * batch + i) * time, found.length);
        scores[i * decoder.paths() + path] = paths.get(path).score();
      }
    }
    return List.of(
        HostTensors.ofIntegers(DType.INT32, new long[] {decoder.paths(), batch, time}, labels),
        HostTensors.ofReals(inputs.dtype(), new long[] {batch, decoder.paths()}, scores));
  }
}
