package io.alphorn.compiler;

import io.alphorn.archive.StoredTensor;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.SerializedObject;
import io.alphorn.keras.WeightPaths;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The variables of one layer, taken in the order in which Keras creates them, and the scopes of its
 * sublayers, by attribute name.
 */
public final class VariableScope {
  private static final String VARS = "vars";

  /**
   * What becomes of the layer's first variable.
   *
   * @param owner the layer that it is listed with, by its path in the weights
   */
  private record First(String owner, UnaryOperator<Value> replacement) {
    static First of(String owner) {
      return new First(owner, UnaryOperator.identity());
    }
  }

  private final VariableBinder binder;
  private final String weightsPath;
  private final String layerPath;
  private final boolean saved;
  private final boolean trainable;
  private final First first;
  private int taken;

  VariableScope(VariableBinder binder, String weightsPath, String layerPath) {
    this(binder, weightsPath, layerPath, true, true, First.of(weightsPath));
  }

  private VariableScope(
      VariableBinder binder,
      String weightsPath,
      String layerPath,
      boolean saved,
      boolean trainable,
      First first) {
    this.binder = binder;
    this.weightsPath = weightsPath;
    this.layerPath = layerPath;
    this.saved = saved;
    this.trainable = trainable;
    this.first = first;
  }

  /** The layer's path in the model, by names, as {@code encoder/dense}. */
  public String layerPath() {
    return layerPath;
  }

  /** Where the layer's variables and assets stand in the archive, as {@code layers/dense}. */
  public String weightsPath() {
    return weightsPath;
  }

  /** The next trainable variable, as the archive holds it. */
  public Value trainable(String name, long... shape) {
    if (taken > 0) {
      return binder.bind(nextPath(), this, weightsPath, name, true, shape);
    }
    Value value = binder.bind(nextPath(), this, first.owner(), name, true, shape);
    return first.replacement().apply(value);
  }

  /** The next variable that training does not change by gradients, as the archive holds it. */
  public Value nonTrainable(String name, long... shape) {
    return binder.bind(nextPath(), this, weightsPath, name, false, shape);
  }

  /** The next variable, without taking it: for layers whose variables tell how they were made. */
  public Optional<StoredTensor> peek() {
    return binder.find(path(Integer.toString(taken)));
  }

  /** Passes over the next variable: it is a sublayer's, and Keras saved it a second time. */
  public void skip() {
    taken++;
  }

  /** A variable that Keras saved under a name instead of a number. */
  public Optional<StoredTensor> named(String name) {
    return binder.find(path(name));
  }

  /** The scope of a sublayer; {@code older} are names that earlier versions of Keras gave it. */
  public VariableScope child(String attribute, String... older) {
    String chosen = attribute;
    for (String candidate : older) {
      if (!exists(chosen) && exists(candidate)) {
        chosen = candidate;
      }
    }
    return sublayer(weightsPath(chosen), layerPath + "/" + attribute, saved, trainable);
  }

  /**
   * The same scope under the sublayer's own name, by which Keras names its variables, in place of
   * the attribute's.
   */
  public VariableScope called(String name) {
    String parent = layerPath.substring(0, layerPath.lastIndexOf('/') + 1);
    return new VariableScope(binder, weightsPath, parent + name, saved, trainable, first);
  }

  /**
   * The same scope for a layer in a wrapper that takes its first variable, which is its kernel
   * where it has one, for its own.
   *
   * @param function from that variable to what the layer is to compute with
   */
  public VariableScope sharingFirst(VariableScope wrapper, UnaryOperator<Value> function) {
    First shared = new First(wrapper.weightsPath, function);
    return new VariableScope(binder, weightsPath, layerPath, saved, trainable, shared);
  }

  /**
   * The scope of a layer that serves as an activation. Keras saves no variables for such, and has
   * their initial values after loading.
   */
  VariableScope activation(String attribute) {
    return sublayer(weightsPath(attribute), layerPath + "/" + attribute, false, trainable);
  }

  /** Whether the archive holds the layer's variables. */
  public boolean isSaved() {
    return saved;
  }

  /** The scopes of the elements of an attribute that is a list of layers. */
  public List<VariableScope> children(String attribute, List<SerializedObject> layers) {
    List<String> names =
        WeightPaths.inContainer(layers.stream().map(SerializedObject::className).toList());
    List<VariableScope> scopes = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = layers.get(i).name();
      scopes.add(
          sublayer(
              weightsPath(attribute + "/" + names.get(i)),
              layerPath.isEmpty() ? name : layerPath + "/" + name,
              true,
              isTrainable(layers.get(i))));
    }
    return scopes;
  }

  private VariableScope sublayer(
      String childPath, String childLayerPath, boolean childSaved, boolean childTrainable) {
    binder.declare(weightsPath, childPath);
    return new VariableScope(
        binder, childPath, childLayerPath, childSaved, childTrainable, First.of(childPath));
  }

  /** Whether training may change the layer's trainable variables: a frozen layer has none. */
  boolean isTrainable() {
    return trainable;
  }

  private static boolean isTrainable(SerializedObject layer) {
    return layer.config().bool("trainable", true);
  }

  /** The same scope with nothing taken: a layer that is called again has the same variables. */
  VariableScope forCallOf(SerializedObject layer) {
    boolean own = layer.config().has("trainable") ? isTrainable(layer) : trainable;
    return new VariableScope(binder, weightsPath, layerPath, saved, own, first);
  }

  /** Checks that the layer has taken all that the archive holds for it. */
  void finish() {
    long stored = binder.source().count(weightsPath(VARS));
    if (taken > 0 && taken < stored) {
      throw AlphornException.invalidArgument(
          "layer '%s': the config asks for %d variables, but the weights hold %d at '%s'",
          layerPath, taken, stored, weightsPath(VARS));
    }
  }

  private boolean exists(String attribute) {
    return binder.source().hasGroup(weightsPath(attribute));
  }

  private String weightsPath(String more) {
    return weightsPath.isEmpty() ? more : weightsPath + "/" + more;
  }

  private String nextPath() {
    return path(Integer.toString(taken++));
  }

  private String path(String name) {
    return weightsPath(VARS) + "/" + name;
  }
}
