package io.alphorn.api.codec;

import io.alphorn.error.AlphornException;
import java.util.Map;

/**
 * The parameters of a request, an input or an output: strings, numbers and booleans by name. Those
 * that nobody asks for mean nothing here.
 *
 * @param values of type String, Long, Double or Boolean
 */
public record InferenceParameters(Map<String, Object> values) {
  private static final String SHARED_MEMORY = "shared_memory_region";
  static final InferenceParameters NONE = new InferenceParameters(Map.of());

  /**
   * A boolean, or {@code otherwise} when it is not given.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is something else
   */
  boolean bool(String name, boolean otherwise) {
    return switch (values.get(name)) {
      case null -> otherwise;
      case Boolean value -> value;
      default -> throw AlphornException.invalidArgument("parameter '%s' must be a boolean", name);
    };
  }

  /**
   * A count of something, or {@code otherwise} when it is not given.
   *
   * @throws AlphornException INVALID_ARGUMENT when it is negative or no integer
   */
  long count(String name, long otherwise) {
    return switch (values.get(name)) {
      case null -> otherwise;
      case Long value when value >= 0 -> value;
      default ->
          throw AlphornException.invalidArgument(
              "parameter '%s' must be an integer that is not negative", name);
    };
  }

  /**
   * Takes tensors in messages only.
   *
   * @throws AlphornException UNIMPLEMENTED when data is to be in memory shared with the client
   */
  public void refuseSharedMemory(String tensor) {
    if (values.containsKey(SHARED_MEMORY)) {
      throw AlphornException.unimplemented(
          "'%s': shared memory is not supported; send and receive tensors in the messages", tensor);
    }
  }
}
