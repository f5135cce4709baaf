package io.alphorn.compiler.layers;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.keras.Config;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Embedding and ReversibleEmbedding, in float and quantized ({@code
 * keras/src/layers/core/embedding.py}).
 */
public final class EmbeddingLayers {
  private EmbeddingLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.layer("Embedding", EmbeddingLayers::embedding)
            .arguments("input_dim", "output_dim", "mask_zero", "input_length")
            .masking(Masking.OWN)
            .withoutAutocast(),
        Lowering.layer("ReversibleEmbedding", EmbeddingLayers::reversibleEmbedding)
            .arguments(
                "input_dim",
                "output_dim",
                "mask_zero",
                "tie_weights",
                "reverse_dtype",
                "logit_soft_cap")
            .parameters("inputs", "reverse")
            .masking(Masking.OWN)
            .withoutAutocast());
  }

  /** https://keras.io/api/layers/core_layers/embedding/ */
  private static Nested<KerasTensor> embedding(OperationCall call) {
    return Nested.leaf(lookUp(call, Table.of(call)));
  }

  private static KerasTensor lookUp(OperationCall call, Table table) {
    GraphBuilder g = call.graph();
    Value ids = call.inputTensor().value();
    boolean whole = ids.dtype() == DType.INT32 || ids.dtype() == DType.INT64;
    Value indices = whole ? ids : g.cast(ids, DType.INT32);
    @Nullable Value mask =
        call.config().bool("mask_zero", false) ? g.notEqual(ids, g.scalar(ids.dtype(), 0)) : null;
    return new KerasTensor(table.rows(indices), mask);
  }

  /** https://keras.io/api/layers/core_layers/reversible_embedding/ */
  private static Nested<KerasTensor> reversibleEmbedding(OperationCall call) {
    Table table = Table.of(call);
    Optional<Reverse> untied =
        call.config().bool("tie_weights", true)
            ? Optional.empty()
            : Optional.of(Reverse.of(call, table));
    boolean reverse =
        call.arguments().find("reverse").orElse(new Nested.Bool<>(false))
                instanceof Nested.Bool<KerasTensor>(boolean value)
            && value;
    if (!reverse) {
      return Nested.leaf(lookUp(call, table));
    }
    Value logits = untied.orElseGet(() -> Reverse.tied(table)).logits(call);
    return OperationCall.output(softCapped(call, logits));
  }

  private static Value softCapped(OperationCall call, Value logits) {
    if (!call.config().has("logit_soft_cap")) {
      return logits;
    }
    GraphBuilder g = call.graph();
    double cap = call.config().real("logit_soft_cap");
    return g.mul(g.tanh(g.div(logits, cap)), cap);
  }

  /**
   * The vectors, one row an id.
   *
   * @param scale of quantized rows, or of the groups of their elements; NONE in float
   * @param zero of the groups of int4 rows; else NONE
   * @param groups the group of each element; else NONE
   */
  private record Table(OperationCall call, Value rows, Value scale, Value zero, Value groups) {
    static Table of(OperationCall call) {
      Config config = call.config();
      long ids = config.integer("input_dim");
      long width = config.integer("output_dim");
      String mode = String.valueOf(call.policy().quantizationMode());
      return switch (mode) {
        case "int8" -> {
          Value rows = call.variables().nonTrainable("embeddings", ids, width);
          Value scale = call.state("embeddings_scale", ids);
          yield new Table(call, rows, scale, Value.NONE, Value.NONE);
        }
        case "int4" -> int4(call, ids, width);
        case "null", "float8" -> {
          Value rows = call.weight("embeddings", ids, width);
          yield new Table(call, rows, Value.NONE, Value.NONE, Value.NONE);
        }
        default -> throw Quantization.unsupportedMode(call);
      };
    }

    private static Table int4(OperationCall call, long ids, long width) {
      Value packed = call.variables().nonTrainable("embeddings", ids, (width + 1) / 2);
      Value rows = Quantization.unpackInt4(call.graph(), packed, width);
      long block = Quantization.blockSize(call);
      if (block < 0) {
        Value scale = call.state("embeddings_scale", ids);
        return new Table(call, rows, scale, Value.NONE, Value.NONE);
      }
      long count = Math.ceilDiv(width, block);
      Value scale = call.state("embeddings_scale", ids, count);
      Value zero = call.variables().nonTrainable("embeddings_zero", ids, count);
      Value groups = call.variables().nonTrainable("g_idx", width);
      return new Table(call, rows, scale, zero, groups);
    }

    Value rows(Value indices) {
      GraphBuilder g = call.graph();
      Value taken = g.cast(g.gather(rows, indices, 0), call.computeType());
      if (!scale.isPresent()) {
        return taken;
      }
      Value scales = g.gather(scale, indices, 0);
      if (!groups.isPresent()) {
        return g.div(taken, g.unsqueeze(scales, -1));
      }
      Value zeros = g.gather(zero, indices, 0);
      return Quantization.dequantizeGroups(g, taken, scales, zeros, groups, taken.rank() - 1);
    }
  }

  /** From vectors back to one logit an id: a kernel of shape [output_dim, input_dim]. */
  private record Reverse(Value kernel, Value scale, Value zero, Value groups) {
    static Reverse tied(Table table) {
      GraphBuilder g = table.call().graph();
      boolean grouped = table.groups().isPresent();
      return new Reverse(
          g.transpose(table.rows(), 1, 0),
          grouped ? g.transpose(table.scale(), 1, 0) : table.scale(),
          grouped ? g.transpose(table.zero(), 1, 0) : Value.NONE,
          table.groups());
    }

    static Reverse of(OperationCall call, Table table) {
      long ids = call.config().integer("input_dim");
      long width = call.config().integer("output_dim");
      String mode = String.valueOf(call.policy().quantizationMode());
      if (mode.equals("null")) {
        Value kernel = call.weight("reverse_embeddings", width, ids);
        return new Reverse(kernel, Value.NONE, Value.NONE, Value.NONE);
      }
      if (mode.equals("int8")) {
        Value kernel = call.variables().nonTrainable("reverse_embeddings", width, ids);
        Value scale = call.state("reverse_embeddings_scale", ids);
        return new Reverse(kernel, scale, Value.NONE, Value.NONE);
      }
      long packedRows = (width + 1) / 2;
      Value packed = call.variables().nonTrainable("reverse_embeddings", packedRows, ids);
      Value kernel = Quantization.unpackInt4Rows(call.graph(), packed, width);
      long block = Quantization.blockSize(call);
      if (block < 0) {
        Value scale = call.state("reverse_embeddings_scale", ids);
        return new Reverse(kernel, scale, Value.NONE, Value.NONE);
      }
      long groups = Math.ceilDiv(width, block);
      Value scale = call.state("reverse_embeddings_scale", groups, ids);
      Value zero = call.state("reverse_embeddings_zero", groups, ids);
      return new Reverse(kernel, scale, zero, table.groups());
    }

    Value logits(OperationCall call) {
      GraphBuilder g = call.graph();
      Value x = g.cast(call.inputTensor().value(), call.computeType());
      if (!scale.isPresent()) {
        String reverseType = call.config().string("reverse_dtype", call.computeType().kerasName());
        DType dtype = DType.of(reverseType);
        return g.matMul(g.cast(x, dtype), g.cast(kernel, dtype));
      }
      Optional<Quantization.AbsMax> quantizer = quantizer(call);
      if (groups.isPresent()) {
        Value whole = Quantization.dequantizeGroups(g, kernel, scale, zero, groups, 0);
        if (quantizer.isEmpty()) {
          return g.matMul(x, whole);
        }
        Quantization.Activations rows = quantizer.get().apply(g, x, -1);
        return g.div(g.matMul(g.cast(rows.values(), x.dtype()), whole), rows.scale());
      }
      if (quantizer.isEmpty()) {
        return g.div(g.matMul(x, g.cast(kernel, x.dtype())), scale);
      }
      Quantization.Activations rows = quantizer.get().apply(g, x, -1);
      Value sums = g.cast(g.matMulInteger(rows.values(), kernel), call.computeType());
      return g.div(sums, g.mul(rows.scale(), scale));
    }

    /** Activations are quantized in int4 too, unless a quantization config says otherwise. */
    private static Optional<Quantization.AbsMax> quantizer(OperationCall call) {
      return call.config().json().path("quantization_config").isObject()
          ? Quantization.AbsMax.of(call)
          : Optional.of(Quantization.AbsMax.DEFAULT);
    }
  }
}
