package io.alphorn.compiler;

import io.alphorn.keras.SerializedObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The closed table of classes that Alphorn compiles. Looked up by module and class, for {@code Add}
 * is both a layer and an operation; nothing a file says is ever loaded as code.
 */
public final class LoweringRegistry {
  /** Keras 2 is called tf_keras since Keras 3 has its name. */
  private static final Set<String> KERAS = Set.of("keras", "tf_keras");

  private static final String OPERATIONS = "keras.src.ops.";

  private final Map<String, Lowering> lowerings = new TreeMap<>();

  /** By class alone: no two modules of {@code keras.ops} have a class of the same name. */
  private final Map<String, Lowering> operations = new HashMap<>();

  /** Adds a lowering; the last one added under a module and class would hide another: refused. */
  public void add(Lowering lowering) {
    if (lowerings.put(key(lowering.module(), lowering.className()), lowering) != null) {
      throw new IllegalStateException("two lowerings for " + lowering.className());
    }
    if (lowering.isOperation()) {
      operations.put(lowering.className(), lowering);
    }
  }

  public void addAll(Lowering... all) {
    for (Lowering lowering : all) {
      add(lowering);
    }
  }

  public Optional<Lowering> find(SerializedObject object) {
    if (!object.isBuiltIn() || !isKeras(object.module())) {
      return Optional.empty();
    }
    if (object.module().isEmpty() && object.isOperation()) {
      return findOperation(object.className());
    }
    return Optional.ofNullable(lowerings.get(key(canonical(object.module()), object.className())));
  }

  /** The operation of {@code keras.ops} that has this class. */
  Optional<Lowering> findOperation(String className) {
    return Optional.ofNullable(operations.get(className));
  }

  /**
   * The operation that {@code keras.ops} exports under {@code name}, as {@code top_k} or {@code
   * image.resize}.
   */
  public Optional<Lowering> findExported(String name) {
    String exported = name.startsWith("keras.ops.") ? name.substring("keras.ops.".length()) : name;
    int dot = exported.lastIndexOf('.');
    String module = dot < 0 ? "" : exported.substring(0, dot);
    String className = exported.substring(dot + 1).replace("_", "");
    return lowerings.values().stream()
        .filter(lowering -> lowering.module().startsWith(OPERATIONS))
        .filter(lowering -> lowering.className().equalsIgnoreCase(className))
        .filter(lowering -> isExported(lowering.module().substring(OPERATIONS.length()), module))
        .findFirst();
  }

  /** All but images' operations stand in {@code keras.ops} itself too. */
  private static boolean isExported(String defined, String module) {
    return module.isEmpty() ? !defined.equals("image") : defined.equals(module);
  }

  public Collection<Lowering> all() {
    return lowerings.values();
  }

  /** Older versions wrote the module in which a layer is defined, or none, for keras.layers. */
  private static String canonical(String module) {
    return module.startsWith(OPERATIONS) ? module : "keras.layers";
  }

  /** Whether {@code module} is one of Keras's, of either name; files of Keras 2 leave it out. */
  static boolean isKeras(String module) {
    return module.isEmpty() || KERAS.contains(module.split("\\.", 2)[0]);
  }

  private static String key(String module, String className) {
    return module + ":" + className;
  }
}
