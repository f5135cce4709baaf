package io.alphorn.compiler.tensorflow;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layers that Keras 2 makes of functions of TensorFlow in a functional model: TFOpLambda, and
 * SlicingOpLambda for {@code x[...]}. The function is one of TensorFlow's, by name; it is looked up
 * in {@link TensorFlowFunctions} and nowhere else.
 */
public final class TensorFlowLayers {
  static final String FIRST = "input";

  private static final String KEYWORDS = "keywords";
  private static final String FUNCTION = "function";
  private static final String OLDER_INTERFACE = "compat.v1.";

  private TensorFlowLayers() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        layer("TFOpLambda", TensorFlowLayers::function)
            .notes("of Keras 2: " + String.join(", ", TensorFlowFunctions.names())),
        layer("SlicingOpLambda", TensorFlowLayers::slicing).notes("of Keras 2"));
  }

  private static Lowering layer(String className, Lowering.Function function) {
    return Lowering.layer(className, function)
        .arguments(FUNCTION)
        .parameters(FIRST, "**" + KEYWORDS)
        .withoutAutocast()
        .masking(Masking.STOP);
  }

  static Map<String, Nested<KerasTensor>> keywords(OperationCall call) {
    return call.arguments().get(KEYWORDS) instanceof Nested.Entries<KerasTensor>(var keywords)
        ? keywords
        : Map.of();
  }

  private static Nested<KerasTensor> function(OperationCall call) {
    String name = call.config().string(FUNCTION);
    String known =
        name.startsWith(OLDER_INTERFACE) ? name.substring(OLDER_INTERFACE.length()) : name;
    TensorFlowFunction function =
        TensorFlowFunctions.find(known)
            .orElseThrow(
                () ->
                    AlphornException.unimplemented(
                        "function tf.%s is not supported; docs/support.md lists what is. Use a"
                            + " built-in layer or, in Keras 3, keras.ops in its place, and save the"
                            + " model again",
                        name));
    return function.body().lower(TensorFlowCall.bind(call, function.parameters()));
  }

  /** {@code x[key]}, where the config holds slices as dicts. */
  private static Nested<KerasTensor> slicing(OperationCall call) {
    Nested<KerasTensor> x = call.arguments().get(FIRST);
    Nested<KerasTensor> spec = keywords(call).getOrDefault("slice_spec", new Nested.None<>());
    Nested<KerasTensor> key = spec.isNone() ? new Nested.Items<>(List.of(spec)) : withSlices(spec);
    Nested<KerasTensor> taken = call.operation("GetItem", Map.of("x", x, "key", key));
    if (x instanceof Nested.Leaf<KerasTensor>(KerasTensor tensor)) {
      Optional<List<Dim>> sizes = call.heldSizes(tensor.value()).flatMap(all -> pick(all, key));
      sizes.ifPresent(dims -> call.holdsSizes(TensorFlowCall.only(taken), dims));
    }
    return taken;
  }

  private static Nested<KerasTensor> withSlices(Nested<KerasTensor> key) {
    return switch (key) {
      case Nested.Items<KerasTensor>(List<Nested<KerasTensor>> items) ->
          new Nested.Items<>(items.stream().map(TensorFlowLayers::withSlices).toList());
      case Nested.Entries<KerasTensor>(Map<String, Nested<KerasTensor>> bounds)
          when bounds.containsKey("start") ->
          new Nested.Slice<>(
              bounds.get("start"),
              bounds.getOrDefault("stop", new Nested.None<>()),
              bounds.getOrDefault("step", new Nested.None<>()));
      default -> key;
    };
  }

  /** Which sizes {@code tf.shape(x)[key]} holds. */
  private static Optional<List<Dim>> pick(List<Dim> sizes, Nested<KerasTensor> key) {
    return switch (key) {
      case Nested.Int<KerasTensor>(long index) when Math.abs(index) < sizes.size() ->
          Optional.of(List.of(sizes.get(Math.floorMod(index, sizes.size()))));
      case Nested.Slice<KerasTensor>(var start, var stop, var step) when step.isNone() -> {
        int first = bound(start, 0, sizes.size());
        int last = bound(stop, sizes.size(), sizes.size());
        yield first <= last ? Optional.of(sizes.subList(first, last)) : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private static int bound(Nested<KerasTensor> bound, int otherwise, int size) {
    return bound instanceof Nested.Int<KerasTensor>(long index)
        ? (int) Math.clamp(index < 0 ? index + size : index, 0, size)
        : otherwise;
  }
}
