package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A dataset cut into blocks of one shape, each filtered on its own. Every block must be stored: a
 * missing one would stand for a fill value, which Keras never leaves and which lets a small file
 * declare a huge array.
 */
final class Hdf5Chunks implements Hdf5Storage {
  private static final int CHUNK_TREE = 1;
  private static final int SINGLE_CHUNK = 1;
  private static final int SINGLE_FILTERED = 2;

  private final Hdf5Space space;
  private final Hdf5Extent extent;
  private final List<Hdf5Filter> filters;
  private final long[] chunkShape;
  private final long chunkBytes;
  private final Map<List<Long>, Chunk> chunks = new HashMap<>();

  private Hdf5Chunks(
      Hdf5Space space, Hdf5Extent extent, List<Hdf5Filter> filters, long[] chunkShape) {
    this.space = space;
    this.extent = extent;
    this.filters = List.copyOf(filters);
    this.chunkShape = chunkShape;
    this.chunkBytes = Hdf5Shape.bytes(extent.path(), chunkShape, extent.elementBytes());
  }

  /** Reads a chunked layout; the cursor stands behind the layout's class. */
  static Hdf5Chunks read(
      Hdf5Space space,
      Hdf5Extent extent,
      List<Hdf5Filter> filters,
      ByteCursor cursor,
      int version) {
    Hdf5Chunks storage =
        version == 3
            ? readTreeLayout(space, extent, filters, cursor)
            : readSingleLayout(space, extent, filters, cursor);
    storage.requireComplete();
    return storage;
  }

  /** The most memory that unpacking takes. */
  long unpackedBytes() {
    return Math.max(extent.bytes(), chunkBytes * chunks.size());
  }

  @Override
  public Bytes elements() {
    MemorySegment target = Bytes.allocate(extent.path(), extent.bytes());
    chunks.forEach((origin, chunk) -> copy(unpack(chunk), origin, target));
    return Bytes.of(extent.path(), target);
  }

  private static Hdf5Chunks readTreeLayout(
      Hdf5Space space, Hdf5Extent extent, List<Hdf5Filter> filters, ByteCursor cursor) {
    int rank = cursor.uint8() - 1;
    long tree = space.address(cursor).orElse(-1);
    Hdf5Chunks storage =
        new Hdf5Chunks(space, extent, filters, chunkShape(extent, cursor, rank, Integer.BYTES));
    if (tree >= 0) {
      storage.readTree(tree, -1);
    }
    return storage;
  }

  /** Layout version 4 has five indices of chunks; only the one without an index is read. */
  private static Hdf5Chunks readSingleLayout(
      Hdf5Space space, Hdf5Extent extent, List<Hdf5Filter> filters, ByteCursor cursor) {
    int flags = cursor.uint8();
    int rank = cursor.uint8() - 1;
    long[] chunkShape = chunkShape(extent, cursor, rank, cursor.uint8());
    int index = cursor.uint8();
    if (index != SINGLE_CHUNK) {
      throw AlphornException.unimplemented(
          "%s: chunks indexed in the newest HDF5 format (libver='latest'); Keras writes no such"
              + " file. Load it in Keras and save it again",
          extent.path());
    }
    Hdf5Chunks storage = new Hdf5Chunks(space, extent, filters, chunkShape);
    boolean filtered = (flags & SINGLE_FILTERED) != 0;
    long size = filtered ? space.length(cursor) : storage.chunkBytes;
    long mask = filtered ? cursor.uint32() : 0;
    List<Long> origin = Arrays.stream(new long[rank]).boxed().toList();
    space
        .address(cursor)
        .ifPresent(address -> storage.chunks.put(origin, new Chunk(address, size, mask)));
    return storage;
  }

  private static long[] chunkShape(Hdf5Extent extent, ByteCursor cursor, int rank, int width) {
    if (rank != extent.shape().length) {
      throw AlphornException.invalidArgument(
          "%s: damaged: chunks of rank %d in an array of rank %d",
          extent.path(), rank, extent.shape().length);
    }
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = cursor.uint(width);
      if (shape[i] <= 0) {
        throw AlphornException.invalidArgument(
            "%s: damaged: chunks of an impossible shape", extent.path());
      }
    }
    if (cursor.uint(width) != extent.elementBytes()) {
      throw AlphornException.invalidArgument(
          "%s: damaged: its chunks hold elements of another size", extent.path());
    }
    return shape;
  }

  /** Reads a node of the index; its level must be {@code expectedLevel} unless negative. */
  private void readTree(long address, int expectedLevel) {
    ByteCursor cursor = space.visit(address);
    cursor.expect("TREE");
    int type = cursor.uint8();
    int level = cursor.uint8();
    if (type != CHUNK_TREE || (expectedLevel >= 0 && level != expectedLevel)) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a B-tree node of type %d at level %d in the index of its chunks",
          extent.path(), type, level);
    }
    int children = cursor.uint16();
    cursor.skip(2L * space.addressWidth());
    for (int i = 0; i < children; i++) {
      long size = cursor.uint32();
      long mask = cursor.uint32();
      List<Long> origin = readOrigin(cursor);
      long child = space.definedAddress(cursor, "child of a B-tree");
      if (level > 0) {
        readTree(child, level - 1);
      } else if (chunks.put(origin, new Chunk(child, size, mask)) != null) {
        throw AlphornException.invalidArgument(
            "%s: damaged: the chunk at %s is stored twice", extent.path(), origin);
      }
    }
  }

  private List<Long> readOrigin(ByteCursor cursor) {
    Long[] origin = new Long[chunkShape.length];
    for (int i = 0; i < origin.length; i++) {
      long at = cursor.int64();
      if (at < 0 || at >= extent.shape()[i] || at % chunkShape[i] != 0) {
        throw AlphornException.invalidArgument(
            "%s: damaged: a chunk at %d in dimension %d of %s",
            extent.path(), at, i, Arrays.toString(extent.shape()));
      }
      origin[i] = at;
    }
    cursor.skip(Long.BYTES);
    return List.of(origin);
  }

  private void requireComplete() {
    long expected = 1;
    for (int i = 0; i < chunkShape.length; i++) {
      expected *= Math.ceilDiv(extent.shape()[i], chunkShape[i]);
    }
    if (chunks.size() != expected) {
      throw AlphornException.invalidArgument(
          "%s: declares %s, %d chunks, but %d are stored",
          extent.path(), Arrays.toString(extent.shape()), expected, chunks.size());
    }
  }

  private Bytes unpack(Chunk chunk) {
    Bytes data = space.data(extent.path(), chunk.address(), chunk.storedBytes());
    for (int i = filters.size() - 1; i >= 0; i--) {
      if ((chunk.skippedFilters() >> i & 1) == 0) {
        data = filters.get(i).undo(data, sizeBefore(i, chunk), extent.elementBytes());
      }
    }
    if (data.size() != chunkBytes) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a chunk of %d bytes; %d expected", extent.path(), data.size(), chunkBytes);
    }
    return data;
  }

  /** Bytes of the chunk before filter {@code index}, if none before it compressed. */
  private long sizeBefore(int index, Chunk chunk) {
    long size = chunkBytes;
    for (int i = 0; i < index; i++) {
      size += (chunk.skippedFilters() >> i & 1) == 0 ? filters.get(i).overhead() : 0;
    }
    return size;
  }

  /** Copies a chunk row by row; what stands over the edge of the array is left out. */
  private void copy(Bytes chunk, List<Long> origin, MemorySegment target) {
    copy(chunk, origin, target, 0, 0, 0);
  }

  private void copy(
      Bytes chunk,
      List<Long> origin,
      MemorySegment target,
      int dimension,
      long chunkIndex,
      long targetIndex) {
    if (dimension == chunkShape.length) {
      copyElements(chunk, chunkIndex, target, targetIndex, 1);
      return;
    }
    long start = origin.get(dimension);
    long count = Math.min(chunkShape[dimension], extent.shape()[dimension] - start);
    long chunkRow = chunkIndex * chunkShape[dimension];
    long targetRow = targetIndex * extent.shape()[dimension] + start;
    if (dimension == chunkShape.length - 1) {
      copyElements(chunk, chunkRow, target, targetRow, count);
      return;
    }
    for (long i = 0; i < count; i++) {
      copy(chunk, origin, target, dimension + 1, chunkRow + i, targetRow + i);
    }
  }

  private void copyElements(
      Bytes chunk, long chunkIndex, MemorySegment target, long targetIndex, long count) {
    int width = extent.elementBytes();
    MemorySegment.copy(
        chunk.segment(), chunkIndex * width, target, targetIndex * width, count * width);
  }

  /**
   * A block in the file.
   *
   * @param skippedFilters one bit for each filter that was not applied
   */
  private record Chunk(long address, long storedBytes, long skippedFilters) {}
}
