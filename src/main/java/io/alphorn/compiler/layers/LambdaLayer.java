package io.alphorn.compiler.layers;

import static io.alphorn.compiler.OperationCall.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.Activations;
import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.Lowering.Masking;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;

/**
 * Lambda, which runs a function of Python. One that Keras itself finds by name, an activation, is
 * lowered; code is never executed.
 */
public final class LambdaLayer {
  private static final String FUNCTION = "function";

  private LambdaLayer() {}

  public static void register(LoweringRegistry registry) {
    registry.add(
        Lowering.layer("Lambda", LambdaLayer::lower)
            .arguments(FUNCTION, "output_shape", "mask", "arguments", "function_type", "module")
            .parameters("inputs", "mask", "training")
            .masking(Masking.STOP)
            .notes("only of activations, by name; Python code is never executed"));
  }

  /** https://keras.io/api/layers/core_layers/lambda/ */
  private static Nested<KerasTensor> lower(OperationCall call) {
    JsonNode function = call.config().get(FUNCTION);
    String name = name(function);
    boolean asItIs = !call.config().has("mask") && call.config().json().path("arguments").isEmpty();
    if (!Activations.isKnown(name) || !asItIs) {
      throw refusal(name);
    }
    return output(Activations.apply(call, name, call.input()));
  }

  /** What the config calls the function: a registered one as {@code package>name}. */
  private static String name(JsonNode function) {
    return function.isTextual() ? function.textValue() : function.path("config").asText();
  }

  private static AlphornException refusal(String function) {
    return AlphornException.unimplemented(
        "runs the Python function '%s', and code that comes with a model is never executed. Use a"
            + " built-in layer or calls of keras.ops in a functional model in its place, and save"
            + " the model again",
        function);
  }
}
