package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A step that HDF5 took on each chunk before writing it, undone here. */
enum Hdf5Filter {
  DEFLATE(1) {
    @Override
    Bytes undo(Bytes chunk, long size, int elementBytes) {
      return Inflation.zlib(chunk, size);
    }
  },
  /** The first bytes of all elements, then the second ones, and so on. */
  SHUFFLE(2) {
    @Override
    Bytes undo(Bytes chunk, long size, int elementBytes) {
      requireSize(chunk, size);
      MemorySegment target = Bytes.allocate(chunk.name(), size);
      long elements = size / elementBytes;
      for (long element = 0; element < elements; element++) {
        for (int part = 0; part < elementBytes; part++) {
          target.set(
              ValueLayout.JAVA_BYTE,
              element * elementBytes + part,
              (byte) chunk.uint8(part * elements + element));
        }
      }
      long rest = elements * elementBytes;
      MemorySegment.copy(chunk.segment(), rest, target, rest, size - rest);
      return Bytes.of(chunk.name(), target);
    }
  },
  /** A checksum behind the data. */
  FLETCHER32(3) {
    @Override
    Bytes undo(Bytes chunk, long size, int elementBytes) {
      requireSize(chunk, size + CHECKSUM_LENGTH);
      Bytes data = chunk.slice(0, size);
      if (chunk.uint32(size) != fletcher32(data)) {
        throw AlphornException.invalidArgument(
            "%s: damaged: its Fletcher-32 checksum does not match", chunk.name());
      }
      return data;
    }
  };

  static final int CHECKSUM_LENGTH = 4;
  private static final int RESERVED_IDS = 256;

  private final int id;

  Hdf5Filter(int id) {
    this.id = id;
  }

  /**
   * Undoes this step.
   *
   * @param size bytes of the chunk before the step
   */
  abstract Bytes undo(Bytes chunk, long size, int elementBytes);

  /** Bytes that this step added beyond compressing. */
  int overhead() {
    return this == FLETCHER32 ? CHECKSUM_LENGTH : 0;
  }

  /** The steps of a filter pipeline message, in the order in which they were taken. */
  static List<Hdf5Filter> read(Hdf5Message message) {
    ByteCursor cursor = message.cursor();
    int version = cursor.uint8();
    int count = cursor.uint8();
    if (version < 1 || version > 2) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a filter pipeline of version %d", message.body().name(), version);
    }
    cursor.skip(version == 1 ? 6 : 0);
    List<Hdf5Filter> filters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      filters.add(readOne(cursor, version, message.body().name()));
    }
    return filters;
  }

  private static Hdf5Filter readOne(ByteCursor cursor, int version, String place) {
    int id = cursor.uint16();
    int nameLength = version == 1 || id >= RESERVED_IDS ? cursor.uint16() : 0;
    cursor.skip(2);
    int values = cursor.uint16();
    cursor.skip(version == 1 ? Math.ceilDiv(nameLength, 8) * 8 : nameLength);
    cursor.skip(4L * (version == 1 ? values + values % 2 : values));
    for (Hdf5Filter filter : values()) {
      if (filter.id == id) {
        return filter;
      }
    }
    throw AlphornException.unimplemented(
        "%s: HDF5 filter %d; only gzip, shuffle and fletcher32 are read", place, id);
  }

  private static void requireSize(Bytes chunk, long size) {
    if (chunk.size() != size) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a chunk of %d bytes; %d expected", chunk.name(), chunk.size(), size);
    }
  }

  /** HDF5's own form of the sum: over big-endian 16-bit words, reduced at the end. */
  private static long fletcher32(Bytes data) {
    long low = 0;
    long high = 0;
    for (long at = 0; at < data.size(); at += 2) {
      int second = at + 1 < data.size() ? data.uint8(at + 1) : 0;
      low = (low + (data.uint8(at) << 8 | second)) % 0xFFFF;
      high = (high + low) % 0xFFFF;
    }
    return high << 16 | low;
  }
}
