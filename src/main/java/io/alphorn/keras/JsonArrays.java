package io.alphorn.keras;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Scalars;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Arrays written into a config as nested lists. */
public final class JsonArrays {
  private JsonArrays() {}

  /**
   * Reads nested lists of numbers, booleans or strings.
   *
   * @throws AlphornException INVALID_ARGUMENT when the lists are ragged or an element has another
   *     type
   */
  public static Tensor read(JsonNode value, String dtypeName, String place) {
    DType dtype = DType.of(dtypeName);
    List<Long> dims = new ArrayList<>();
    for (JsonNode level = value; level.isArray(); level = level.path(0)) {
      dims.add((long) level.size());
    }
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    List<JsonNode> elements = new ArrayList<>();
    flatten(value, shape, 0, elements, place);
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(
          shape, elements.stream().map(e -> e.asText().getBytes(UTF_8)).toArray(byte[][]::new));
    }
    ByteBuffer bytes = Tensor.allocate(dtype, shape);
    elements.forEach(element -> bytes.put(scalar(dtype, element).bytes()));
    return Tensor.of(dtype, shape, bytes.flip());
  }

  private static Tensor scalar(DType dtype, JsonNode element) {
    if (element.isBoolean()) {
      return Scalars.of(dtype, element.booleanValue() ? 1 : 0);
    }
    return dtype.isInteger()
        ? Scalars.of(dtype, element.longValue())
        : Scalars.of(dtype, element.doubleValue());
  }

  private static void flatten(
      JsonNode value, long[] shape, int level, List<JsonNode> elements, String place) {
    if (level == shape.length) {
      if (value.isContainerNode()) {
        throw ragged(place);
      }
      elements.add(value);
      return;
    }
    if (!value.isArray() || value.size() != shape[level]) {
      throw ragged(place);
    }
    value.forEach(element -> flatten(element, shape, level + 1, elements, place));
  }

  private static AlphornException ragged(String place) {
    return AlphornException.invalidArgument(
        "%s: holds an array whose rows differ in length", place);
  }
}
