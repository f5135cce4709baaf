package io.alphorn.api.codec;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the Open Inference Protocol calls the element types; BF16 is Triton's addition. */
public final class InferenceDatatypes {
  private static final Map<String, DType> BY_NAME =
      Arrays.stream(DType.values())
          .filter(dtype -> !dtype.isComplex())
          .collect(Collectors.toMap(InferenceDatatypes::name, Function.identity()));

  private InferenceDatatypes() {}

  /** The protocol's name; for complex numbers, which it has none for, Keras's in capitals. */
  public static String name(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "FP16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "FP32";
      case FLOAT64 -> "FP64";
      case STRING -> "BYTES";
      default -> dtype.name();
    };
  }

  /**
   * The type that a request names.
   *
   * @throws AlphornException INVALID_ARGUMENT when the protocol has no such type
   */
  public static DType of(String datatype, String input) {
    DType dtype = BY_NAME.get(datatype);
    if (dtype == null) {
      throw AlphornException.invalidArgument(
          "input '%s': datatype '%s' is none of %s",
          input, datatype, BY_NAME.keySet().stream().sorted().collect(Collectors.joining(", ")));
    }
    return dtype;
  }

  static boolean hasJson(DType dtype) {
    return dtype != DType.FLOAT16 && dtype != DType.BFLOAT16;
  }
}
