package io.alphorn.compiler.ops;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keras's type promotion, {@code keras.backend.result_type}: the least upper bound on a lattice in
 * which numbers of Python are weak, that is, adapt to the type of the tensors they meet. Follows
 * {@code keras/src/backend/common/dtypes.py} with the TensorFlow backend and a floatx of float32.
 */
public final class Promotion {
  /**
   * The type of an operand.
   *
   * @param weak whether it is a number of Python, which adapts to the other operands
   */
  public record Type(DType dtype, boolean weak) {
    /** Python's int. */
    public static final Type WEAK_INT = new Type(DType.INT64, true);

    /** Python's float. */
    public static final Type WEAK_FLOAT = new Type(DType.FLOAT32, true);

    public static Type of(DType dtype) {
      return new Type(dtype, false);
    }

    private Node node() {
      if (weak) {
        return dtype.isFloating() ? Node.WEAK_FLOAT : Node.WEAK_INT;
      }
      return Node.of(dtype);
    }
  }

  /** The lattice's nodes; the weak ones have no type of their own. */
  private enum Node {
    BOOL(DType.BOOL),
    WEAK_INT(null),
    UINT8(DType.UINT8),
    UINT16(DType.UINT16),
    UINT32(DType.UINT32),
    UINT64(DType.UINT64),
    INT8(DType.INT8),
    INT16(DType.INT16),
    INT32(DType.INT32),
    INT64(DType.INT64),
    WEAK_FLOAT(null),
    BFLOAT16(DType.BFLOAT16),
    FLOAT16(DType.FLOAT16),
    FLOAT32(DType.FLOAT32),
    FLOAT64(DType.FLOAT64),
    COMPLEX64(DType.COMPLEX64),
    COMPLEX128(DType.COMPLEX128);

    private final @Nullable DType dtype;

    Node(@Nullable DType dtype) {
      this.dtype = dtype;
    }

    private static Node of(DType dtype) {
      return Arrays.stream(values())
          .filter(node -> node.dtype == dtype)
          .findFirst()
          .orElseThrow(
              () -> AlphornException.invalidArgument("%s takes no part in arithmetic", dtype));
    }
  }

  /** What each node is directly below of. */
  private static final Map<Node, Set<Node>> ABOVE = new EnumMap<>(Node.class);

  static {
    ABOVE.put(Node.BOOL, EnumSet.of(Node.WEAK_INT));
    ABOVE.put(Node.WEAK_INT, EnumSet.of(Node.UINT8, Node.INT8, Node.COMPLEX64));
    ABOVE.put(Node.UINT8, EnumSet.of(Node.INT16, Node.UINT16));
    ABOVE.put(Node.UINT16, EnumSet.of(Node.INT32, Node.UINT32));
    ABOVE.put(Node.UINT32, EnumSet.of(Node.INT64, Node.UINT64));
    ABOVE.put(Node.UINT64, EnumSet.of(Node.WEAK_FLOAT));
    ABOVE.put(Node.INT8, EnumSet.of(Node.INT16));
    ABOVE.put(Node.INT16, EnumSet.of(Node.INT32));
    ABOVE.put(Node.INT32, EnumSet.of(Node.INT64));
    ABOVE.put(Node.INT64, EnumSet.of(Node.WEAK_FLOAT));
    ABOVE.put(Node.WEAK_FLOAT, EnumSet.of(Node.BFLOAT16, Node.FLOAT16));
    ABOVE.put(Node.BFLOAT16, EnumSet.of(Node.FLOAT32));
    ABOVE.put(Node.FLOAT16, EnumSet.of(Node.FLOAT32));
    ABOVE.put(Node.FLOAT32, EnumSet.of(Node.FLOAT64, Node.COMPLEX64));
    ABOVE.put(Node.FLOAT64, EnumSet.of(Node.COMPLEX128));
    ABOVE.put(Node.COMPLEX64, EnumSet.of(Node.COMPLEX128));
    ABOVE.put(Node.COMPLEX128, EnumSet.noneOf(Node.class));
  }

  /** All nodes at or above each node. */
  private static final Map<Node, Set<Node>> UPPER_BOUNDS =
      Arrays.stream(Node.values()).collect(Collectors.toMap(node -> node, Promotion::upperBounds));

  private Promotion() {}

  private static Set<Node> upperBounds(Node node) {
    Set<Node> bounds = EnumSet.of(node);
    for (Node above : ABOVE.getOrDefault(node, Set.of())) {
      bounds.addAll(upperBounds(above));
    }
    return bounds;
  }

  /** The type in which Keras computes on operands of these types. */
  public static DType resultType(Type... types) {
    return resultType(List.of(types));
  }

  /** The type in which Keras computes on tensors of these types. */
  public static DType resultType(DType... dtypes) {
    return resultType(Arrays.stream(dtypes).map(Type::of).toList());
  }

  /** The type in which Keras computes on operands of these types. */
  public static DType resultType(Collection<Type> types) {
    Set<DType> dtypes = types.stream().map(Type::dtype).collect(Collectors.toSet());
    boolean allWeak = types.stream().allMatch(Type::weak);
    if (dtypes.size() == 1 && !allWeak) {
      return narrowed(dtypes.iterator().next());
    }
    Set<Node> nodes =
        types.stream()
            .map(type -> allWeak ? Node.of(type.dtype()) : type.node())
            .collect(Collectors.toSet());
    Node bound = leastUpperBound(nodes);
    if (bound == Node.WEAK_FLOAT) {
      return DType.FLOAT32;
    }
    if (bound == Node.WEAK_INT) {
      return DType.INT32;
    }
    DType dtype = Objects.requireNonNull(bound.dtype);
    if (!allWeak) {
      return narrowed(dtype);
    }
    return dtype.isInteger() ? DType.INT32 : DType.FLOAT32;
  }

  /** The result with a number of Python's float, that is, in a floating type. */
  public static DType withFloat(DType dtype) {
    return resultType(Type.of(dtype), Type.WEAK_FLOAT);
  }

  private static Node leastUpperBound(Set<Node> nodes) {
    Set<Node> common = EnumSet.allOf(Node.class);
    nodes.forEach(node -> common.retainAll(UPPER_BOUNDS.getOrDefault(node, Set.of())));
    return common.stream()
        .filter(node -> UPPER_BOUNDS.getOrDefault(node, Set.of()).containsAll(common))
        .findFirst()
        .orElseThrow(
            () -> AlphornException.invalidArgument("types %s have no common type in Keras", nodes));
  }

  /** Keras computes in no unsigned or complex type of twice the usual size. */
  private static DType narrowed(DType dtype) {
    return switch (dtype) {
      case UINT64 -> DType.UINT32;
      case COMPLEX128 -> DType.COMPLEX64;
      default -> dtype;
    };
  }
}
