package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A step that HDF5 took on each chunk before writing it, undone here. */
enum Hdf5Filter {
  DEFLATE(1) {
    @Override
    Bytes undo(Bytes chunk, long unpackedBytes, int elementBytes) {
      return Inflation.zlib(chunk, unpackedBytes);
    }
  },
  /** The first bytes of all elements, then the second ones, and so on. */
  SHUFFLE(2) {
    @Override
    Bytes undo(Bytes chunk, long unpackedBytes, int elementBytes) {
      byte[] source = chunk.toArray();
      byte[] target = source.clone();
      int elements = source.length / elementBytes;
      for (int part = 0; part < elementBytes; part++) {
        for (int element = 0; element < elements; element++) {
          target[element * elementBytes + part] = source[part * elements + element];
        }
      }
      return Bytes.of(chunk.name(), MemorySegment.ofArray(target));
    }
  },
  /** A checksum behind the data. */
  FLETCHER32(3) {
    @Override
    Bytes undo(Bytes chunk, long unpackedBytes, int elementBytes) {
      Bytes data = chunk.slice(0, chunk.size() - CHECKSUM_LENGTH);
      if (chunk.uint32(data.size()) != fletcher32(data.toArray())) {
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
   * @param unpackedBytes bytes of the chunk before it was compressed
   */
  abstract Bytes undo(Bytes chunk, long unpackedBytes, int elementBytes);

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

  /** HDF5's own form of the sum: over big-endian 16-bit words, reduced at the end. */
  private static long fletcher32(byte[] data) {
    long low = 0;
    long high = 0;
    for (int at = 0; at < data.length; at += 2) {
      int first = Byte.toUnsignedInt(data[at]);
      int second = at + 1 < data.length ? Byte.toUnsignedInt(data[at + 1]) : 0;
      low = (low + (first << 8 | second)) % 0xFFFF;
      high = (high + low) % 0xFFFF;
    }
    return high << 16 | low;
  }
}
