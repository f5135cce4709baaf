package io.alphorn.compiler;

import io.alphorn.keras.Nested;
import java.util.List;

/**
 * How one Keras class becomes graph operators, with what is to be known of it: the support matrix
 * and the checks of a config are made from this.
 *
 * @param module of the class, as {@code keras.layers}
 * @param arguments of the constructor that the lowering reads
 * @param parameters of {@code call}, in order
 * @param masking what becomes of the mask of the first argument
 * @param autocast whether Keras casts floating inputs to the layer's compute type
 * @param trainsByDefault whether {@code call} says {@code training=True} where nobody else does
 * @param notes for the support matrix; "" when there is nothing to say
 */
public record Lowering(
    String module,
    String className,
    List<String> arguments,
    List<String> parameters,
    Masking masking,
    boolean autocast,
    boolean trainsByDefault,
    String notes,
    Function function) {
  private static final String OPERATIONS = "keras.src.ops.";

  /** Adds the operators of one call to the graph and gives its outputs. */
  @FunctionalInterface
  public interface Function {
    Nested<KerasTensor> lower(OperationCall call);
  }

  /** What becomes of the mask that came with the first argument. */
  public enum Masking {
    /** The outputs carry it on: a layer with {@code supports_masking} and no rule of its own. */
    PASS,
    /** It ends here: a layer without {@code supports_masking}. */
    STOP,
    /** The lowering sets the outputs' masks itself. */
    OWN
  }

  /** A layer of {@code keras.layers} that takes one argument {@code inputs} and passes masks on. */
  public static Lowering layer(String className, Function function) {
    return new Lowering(
        "keras.layers",
        className,
        List.of(),
        List.of("inputs"),
        Masking.PASS,
        true,
        false,
        "",
        function);
  }

  /** An operation of {@code keras.src.ops}, as {@code numpy} or {@code nn}. */
  public static Lowering operation(String module, String className, Function function) {
    return new Lowering(
        OPERATIONS + module,
        className,
        List.of(),
        List.of("x"),
        Masking.STOP,
        false,
        false,
        "",
        function);
  }

  /** Whether this lowers an operation of {@code keras.ops} rather than a layer. */
  public boolean isOperation() {
    return module.startsWith(OPERATIONS);
  }

  public Lowering arguments(String... names) {
    return new Lowering(
        module,
        className,
        List.of(names),
        parameters,
        masking,
        autocast,
        trainsByDefault,
        notes,
        function);
  }

  public Lowering parameters(String... names) {
    return new Lowering(
        module,
        className,
        arguments,
        List.of(names),
        masking,
        autocast,
        trainsByDefault,
        notes,
        function);
  }

  public Lowering masking(Masking rule) {
    return new Lowering(
        module, className, arguments, parameters, rule, autocast, trainsByDefault, notes, function);
  }

  /** A layer that Keras gives its inputs as they come ({@code autocast = False}). */
  public Lowering withoutAutocast() {
    return new Lowering(
        module, className, arguments, parameters, masking, false, trainsByDefault, notes, function);
  }

  /** A layer whose {@code call} has {@code training=True} in its signature. */
  public Lowering trainingByDefault() {
    return new Lowering(
        module, className, arguments, parameters, masking, autocast, true, notes, function);
  }

  public Lowering notes(String text) {
    return new Lowering(
        module,
        className,
        arguments,
        parameters,
        masking,
        autocast,
        trainsByDefault,
        text,
        function);
  }
}
