package io.alphorn.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Config;
import io.alphorn.keras.DTypePolicy;
import io.alphorn.keras.Nested;
import io.alphorn.keras.SerializedObject;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of a layer or an operation, as its lowering sees it: the graph to add to, the config,
 * the variables, and the arguments of the call.
 */
public final class OperationCall {
  private final ModelLowering model;
  private final SerializedObject operation;
  private final DTypePolicy policy;
  private final VariableScope variables;
  private final Arguments arguments;
  private final boolean trains;

  OperationCall(
      ModelLowering model,
      SerializedObject operation,
      DTypePolicy policy,
      VariableScope variables,
      Arguments arguments,
      boolean trains) {
    this.model = model;
    this.operation = operation;
    this.policy = policy;
    this.variables = variables;
    this.arguments = arguments;
    this.trains = trains;
  }

  public GraphBuilder graph() {
    return model.graph();
  }

  public SerializedObject operation() {
    return operation;
  }

  public Config config() {
    return operation.config();
  }

  public DTypePolicy policy() {
    return policy;
  }

  /** The type of the layer's arithmetic. */
  public DType computeType() {
    return policy.compute();
  }

  /** The layer's path in the model, by names. */
  public String path() {
    return variables.layerPath();
  }

  public VariableScope variables() {
    return variables;
  }

  public Arguments arguments() {
    return arguments;
  }

  /**
   * Whether this call is one of training: Keras's {@code training} argument as it reaches the
   * layer. Only to be asked where the answer changes what is computed: a layer that asked is not
   * shared by endpoints of other modes.
   */
  public boolean training() {
    model.dependOnTraining();
    return trains;
  }

  /**
   * The seed of a draw in training, where the layer was made with one.
   *
   * @param draw which of the layer's draws, for they differ
   */
  public OptionalLong seed(int draw) {
    return config().has("seed")
        ? OptionalLong.of(config().integer("seed") + draw)
        : OptionalLong.empty();
  }

  /** A file of the archive's {@code assets} that Keras saved for this layer. */
  public Optional<byte[]> asset(String name) {
    return model.asset(variables.weightsPath() + "/" + name);
  }

  /** The first argument, which must be one tensor, with its mask. */
  public KerasTensor inputTensor() {
    Nested<KerasTensor> first =
        arguments
            .first()
            .orElseThrow(() -> AlphornException.invalidArgument("called without arguments"));
    List<KerasTensor> leaves = first.leaves();
    if (leaves.size() != 1) {
      throw AlphornException.invalidArgument("expected one input, found %d", leaves.size());
    }
    return leaves.getFirst();
  }

  /** The first argument, which must be one tensor. */
  public Value input() {
    return inputTensor().value();
  }

  /** The first argument, flattened. */
  public List<KerasTensor> inputs() {
    return arguments.first().map(Nested::leaves).orElse(List.of());
  }

  /**
   * The mask that {@code call} sees: the {@code mask} argument where it was given, else that of the
   * only argument that holds tensors. Where several do, Keras fills in none.
   */
  public @Nullable Value mask() {
    boolean given = arguments.find("mask").isPresent();
    return given || arguments.tensorArguments() == 1 ? carriedMask() : null;
  }

  /**
   * The mask that {@code compute_mask} sees: the {@code mask} argument where it was given, else
   * that of the first argument.
   */
  public @Nullable Value carriedMask() {
    Optional<KerasTensor> explicit = arguments.findTensor("mask");
    if (explicit.isPresent()) {
      return explicit.get().value();
    }
    List<KerasTensor> inputs = inputs();
    return inputs.size() == 1 ? inputs.getFirst().mask() : null;
  }

  /**
   * Takes the mask off a tensor for the layers that are called after this one, as attention does in
   * Keras.
   */
  public void removeMask(KerasTensor tensor) {
    model.removeMask(tensor);
  }

  /** An argument of {@code call} that is true or false; false when it is left out. */
  public boolean flag(String name) {
    Nested<KerasTensor> value = arguments.find(name).orElse(new Nested.Bool<>(false));
    if (value instanceof Nested.Bool<KerasTensor>(boolean flag)) {
      return flag;
    }
    throw AlphornException.invalidArgument("argument '%s' must be true or false", name);
  }

  /** Runs {@code body} with {@link #graph} being {@code subgraph}, for sublayers in a loop. */
  public <T> T within(GraphBuilder subgraph, Supplier<T> body) {
    return model.within(subgraph, body);
  }

  /** The next trainable variable, in the layer's compute type. */
  public Value weight(String name, long... shape) {
    return graph().cast(variables.trainable(name, shape), computeType());
  }

  /** The next non-trainable variable, in the layer's compute type. */
  public Value state(String name, long... shape) {
    return graph().cast(variables.nonTrainable(name, shape), computeType());
  }

  /** Applies the activation that the config names under {@code argument}; none means linear. */
  public Value activate(String argument, Value x) {
    Optional<JsonNode> activation = config().find(argument);
    return activation.isPresent() ? model.activate(this, argument, activation.get(), x) : x;
  }

  /** Calls a sublayer whose variables are in {@code scope}. */
  public Nested<KerasTensor> call(
      SerializedObject layer,
      VariableScope scope,
      List<Nested<KerasTensor>> positional,
      Map<String, Nested<KerasTensor>> keywords) {
    return model.callSublayer(layer, scope, positional, keywords, trains);
  }

  /** Calls a sublayer on one tensor. */
  public KerasTensor call(SerializedObject layer, VariableScope scope, KerasTensor input) {
    return call(layer, scope, List.of(Nested.leaf(input)), Map.of()).leaves().getFirst();
  }

  /**
   * Calls an operation of {@code keras.ops} with its arguments by name, be they those of its call
   * or of its constructor.
   *
   * @param className as {@code Concatenate}
   */
  public Nested<KerasTensor> operation(
      String className, Map<String, Nested<KerasTensor>> arguments) {
    return model.callOperation(this, className, arguments);
  }

  /** Notes that {@code value} holds the sizes of these dimensions, as {@code tf.shape} gives. */
  public void holdsSizes(Value value, List<Dim> dims) {
    model.holdsSizes(value, dims);
  }

  /** The dimensions whose sizes {@code value} holds, if that was noted. */
  public Optional<List<Dim>> heldSizes(Value value) {
    return model.heldSizes(value);
  }

  /** Whether Keras hands masks to the layer as an argument of its {@code call}. */
  public boolean takesMask(SerializedObject layer) {
    return model.takesMask(layer);
  }

  /** The error for a use of this layer that Alphorn has no lowering for. */
  public AlphornException unsupported(String what) {
    return AlphornException.unimplemented("%s: %s is not supported", operation.className(), what);
  }

  /** A lowering's single output. */
  public static Nested<KerasTensor> output(Value value) {
    return Nested.leaf(KerasTensor.of(value));
  }

  /** A lowering's outputs as a list. */
  public static Nested<KerasTensor> outputs(List<Value> values) {
    return Nested.items(values.stream().map(KerasTensor::of).toList());
  }
}
