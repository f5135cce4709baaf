package io.alphorn.error;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import org.jspecify.annotations.Nullable;

/**
 * The one exception that Alphorn throws for what a user or an operator can cause. Its message says
 * what was expected, what came and where; it is shown to clients as it stands.
 */
public final class AlphornException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public AlphornException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public AlphornException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** The same error, with {@code place} (a layer path, an input's name) put before the message. */
  public AlphornException at(String place) {
    return new AlphornException(code, place + ": " + getMessage(), this);
  }

  @FormatMethod
  public static AlphornException invalidArgument(@FormatString String format, Object... arguments) {
    return new AlphornException(ErrorCode.INVALID_ARGUMENT, format.formatted(arguments));
  }

  @FormatMethod
  public static AlphornException notFound(@FormatString String format, Object... arguments) {
    return new AlphornException(ErrorCode.NOT_FOUND, format.formatted(arguments));
  }

  @FormatMethod
  public static AlphornException failedPrecondition(
      @FormatString String format, Object... arguments) {
    return new AlphornException(ErrorCode.FAILED_PRECONDITION, format.formatted(arguments));
  }

  @FormatMethod
  public static AlphornException resourceExhausted(
      @FormatString String format, Object... arguments) {
    return new AlphornException(ErrorCode.RESOURCE_EXHAUSTED, format.formatted(arguments));
  }

  @FormatMethod
  public static AlphornException unimplemented(@FormatString String format, Object... arguments) {
    return new AlphornException(ErrorCode.UNIMPLEMENTED, format.formatted(arguments));
  }
}
