package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The readers of a signature's inputs, and which of them the object at hand has named so far. */
final class NamedReaders {
  private final List<JsonTensorReader> readers;
  private final Map<String, Integer> byName = new HashMap<>();
  private final boolean[] seen;

  NamedReaders(List<JsonTensorReader> readers) {
    this.readers = readers;
    this.seen = new boolean[readers.size()];
    for (int i = 0; i < readers.size(); i++) {
      byName.put(readers.get(i).name(), i);
    }
  }

  int size() {
    return readers.size();
  }

  JsonTensorReader only() {
    return readers.getFirst();
  }

  /** The names in alphabetical order, as TensorFlow Serving lists them. */
  List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }

  /**
   * Whether the object whose opening brace is the current token is a base64 string, not an object
   * of inputs. The parser then stands at its first key, as it does in the other case.
   */
  boolean beginsBase64(JsonParser parser) throws IOException {
    return parser.nextToken() == JsonToken.FIELD_NAME
        && parser.currentName().equals(JsonScalars.BASE64_KEY)
        && !byName.containsKey(JsonScalars.BASE64_KEY);
  }

  /** Forgets which inputs have been named: another object begins. */
  void reset() {
    Arrays.fill(seen, false);
  }

  /** The reader of the input {@code name}; null when the signature has none of that name. */
  @Nullable JsonTensorReader take(String name) {
    Integer index = byName.get(name);
    if (index == null) {
      return null;
    }
    if (seen[index]) {
      throw AlphornException.invalidArgument("input '%s' is named twice in one object", name);
    }
    seen[index] = true;
    return readers.get(index);
  }

  /** The inputs that the object has not named, in alphabetical order. */
  List<String> missing() {
    return IntStream.range(0, seen.length)
        .filter(index -> !seen[index])
        .mapToObj(index -> readers.get(index).name())
        .sorted()
        .toList();
  }

  boolean isComplete() {
    for (boolean named : seen) {
      if (!named) {
        return false;
      }
    }
    return true;
  }

  List<Tensor> tensors(Function<JsonTensorReader, Tensor> tensor) {
    return readers.stream().map(tensor).toList();
  }
}
