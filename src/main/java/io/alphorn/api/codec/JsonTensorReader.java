package io.alphorn.api.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers one tensor from JSON: one nested list, or one after the other for the items of a batch,
 * which must all have the first one's shape. Values go straight into a direct buffer that doubles
 * when it is full.
 */
final class JsonTensorReader {
  private static final int UNKNOWN = -1;
  private static final int LEAST_ELEMENTS = 64;
  private static final String SAME_SHAPE = "; all lists of a level must have the same shape";

  private final TensorSpec spec;
  private final DType dtype;
  private final JsonSource source;
  private final JsonLimits limits;
  private final BufferSource memory;
  private final JsonScalars scalars;
  private final List<byte[]> strings = new ArrayList<>();

  /** The sizes of an item's dimensions; unknown until the first list of that level has ended. */
  private final long[] sizes;

  /** The index at each level of the value that is being read, down to {@code depth}. */
  private final long[] positions;

  private int depth;
  private int rank = UNKNOWN;
  private long items;
  private long elements;
  private ByteBuffer bytes;

  JsonTensorReader(TensorSpec spec, JsonSource source, JsonLimits limits, BufferSource memory) {
    this.spec = spec;
    this.dtype = spec.dtype();
    this.source = source;
    this.limits = limits;
    this.memory = memory;
    this.scalars = new JsonScalars(source, spec.dtype());
    this.sizes = new long[limits.maxDepth() + 1];
    this.positions = new long[sizes.length];
    Arrays.fill(sizes, UNKNOWN);
    this.bytes = memory.allocate((long) dtype.bytes() * expectedElements(spec));
  }

  /** The elements of one item as far as the signature tells. */
  private static long expectedElements(TensorSpec spec) {
    long expected = 1;
    for (long size : spec.shape().sizes()) {
      expected *= size > 0 && expected < (1 << 20) ? size : 1;
    }
    return Math.max(LEAST_ELEMENTS, expected);
  }

  String name() {
    return spec.name();
  }

  /** Reads one item, which begins with the current token. */
  void readItem(JsonParser parser) throws IOException {
    try {
      read(parser, parser.currentToken(), 0);
    } catch (AlphornException e) {
      throw new AlphornException(e.code(), e.getMessage() + place(), e);
    }
    items++;
  }

  /** Reads one item that is a base64 string, from its key on. */
  void readBase64Item(JsonParser parser) throws IOException {
    requireLeaf(parser, 0);
    add(scalars.base64(parser));
    items++;
  }

  /** Where in the item reading stopped. */
  private String place() {
    StringBuilder place = new StringBuilder(" (input '").append(spec.name()).append('\'');
    for (int level = 0; level < depth; level++) {
      place.append(level == 0 ? ", at [" : "[").append(positions[level]).append(']');
    }
    return place.append(')').toString();
  }

  private void read(JsonParser parser, JsonToken token, int level) throws IOException {
    if (token == JsonToken.START_ARRAY) {
      readList(parser, level);
      return;
    }
    requireLeaf(parser, level);
    if (dtype == DType.STRING) {
      add(scalars.string(parser, token));
    } else if (dtype == DType.UINT16) {
      throw scalars.unimplemented(parser); // TensorFlow Serving's JSON has no such numbers.
    } else {
      countElement();
      if (bytes.remaining() < dtype.bytes()) {
        grow();
      }
      scalars.number(parser, token, bytes);
    }
  }

  private void readList(JsonParser parser, int level) throws IOException {
    if (rank != UNKNOWN && level >= rank) {
      throw AlphornException.invalidArgument(
          "Encountered list at unexpected level: %d expected < %d%s", level, rank, SAME_SHAPE);
    }
    if (JsonSource.depth(parser) > limits.maxDepth()) {
      throw AlphornException.invalidArgument(
          "JSON nested deeper than %d, which is the limit", limits.maxDepth());
    }
    long count = 0;
    depth = level + 1;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      positions[level] = count;
      read(parser, token, level + 1);
      count++;
    }
    depth = level;
    if (rank == UNKNOWN) {
      rank = level + 1;
    }
    if (sizes[level] == UNKNOWN) {
      sizes[level] = count;
    } else if (sizes[level] != count) {
      throw AlphornException.invalidArgument(
          "Encountered list at unexpected size: %d at level: %d expected size: %d%s",
          count, level, sizes[level], SAME_SHAPE);
    }
  }

  private void requireLeaf(JsonParser parser, int level) throws IOException {
    if (rank == UNKNOWN) {
      rank = level;
    } else if (rank != level) {
      throw AlphornException.invalidArgument(
          "JSON Value: %s found at incorrect level: %d in the JSON DOM. Expected at level: %d%s",
          source.value(parser), level + 1, rank, SAME_SHAPE);
    }
  }

  private void add(byte[] string) {
    countElement();
    strings.add(string);
  }

  private void countElement() {
    if (++elements > limits.maxElements()) {
      throw AlphornException.resourceExhausted(
          "input '%s' has more than %d elements, which is the limit",
          spec.name(), limits.maxElements());
    }
  }

  private void grow() {
    bytes = memory.allocate(2L * bytes.capacity()).put(bytes.flip());
  }

  /** The one item that was read. */
  Tensor single() {
    return tensor(Arrays.copyOf(sizes, rank));
  }

  /** The items that were read, one behind the other along a new first dimension. */
  Tensor batch() {
    long[] shape = new long[rank + 1];
    shape[0] = items;
    System.arraycopy(sizes, 0, shape, 1, rank);
    return tensor(shape);
  }

  private Tensor tensor(long[] shape) {
    return dtype == DType.STRING
        ? Tensor.ofStrings(shape, strings.toArray(byte[][]::new))
        : Tensor.of(dtype, shape, bytes.flip());
  }
}
