package io.alphorn.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what ONNX Runtime reported in Alphorn's terms, without its source files and addresses. */
final class OnnxFailures {
  private static final Pattern NODE =
      Pattern.compile("running (\\w+) node\\. Name:'([^']*)' Status Message: (.*)", Pattern.DOTALL);

  /**
   * What ONNX Runtime puts before a message: the source file, its line and a C++ signature, or its
   * own name and the code.
   */
  private static final Pattern SOURCE =
      Pattern.compile(
          "(?:/\\S+|\\w+\\.(?:cc|h)):\\d+\\s+.*?\\)(?: const)?\\s+"
              + "|\\[ONNXRuntimeError] : \\d+ : \\w+ : ");

  private OnnxFailures() {}

  static AlphornException loading(String model, OrtException failure) {
    return new AlphornException(
        isOutOfMemory(failure) ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.INTERNAL,
        "model '%s' does not load: %s".formatted(model, text(failure)),
        failure);
  }

  /** A run that failed. What an operator refuses is the fault of the values it was given. */
  static AlphornException running(String model, OrtException failure) {
    return new AlphornException(
        code(failure), "model '%s': %s".formatted(model, text(failure)), failure);
  }

  private static ErrorCode code(OrtException failure) {
    if (isOutOfMemory(failure)) {
      return ErrorCode.RESOURCE_EXHAUSTED;
    }
    return failure.getCode() == OrtErrorCode.ORT_INVALID_ARGUMENT
        ? ErrorCode.INVALID_ARGUMENT
        : ErrorCode.INTERNAL;
  }

  private static boolean isOutOfMemory(OrtException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("Failed to allocate memory") || message.contains("bad_alloc");
  }

  /** What went wrong, in a line for people. */
  static String text(OrtException failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher node = NODE.matcher(message);
    if (!node.find()) {
      return withoutSource(message);
    }
    return "%s at '%s': %s".formatted(node.group(1), node.group(2), withoutSource(node.group(3)));
  }

  private static String withoutSource(String message) {
    String text = SOURCE.matcher(message).replaceAll("");
    int stack = text.indexOf("\nStacktrace:");
    return (stack < 0 ? text : text.substring(0, stack)).strip();
  }
}
