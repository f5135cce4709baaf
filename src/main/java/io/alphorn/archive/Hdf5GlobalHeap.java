package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.util.HashMap;
import java.util.Map;

/**
 * Text of variable length, which lies away from the array or attribute that refers to it. Each text
 * is read once, however many elements refer to it.
 */
final class Hdf5GlobalHeap {
  /** Bytes of one reference: a length, an address and an index. */
  private static final int REFERENCE_FRAMING = 8;

  private final Hdf5Space space;
  private final Map<Key, byte[]> read = new HashMap<>();

  Hdf5GlobalHeap(Hdf5Space space) {
    this.space = space;
  }

  int referenceBytes() {
    return REFERENCE_FRAMING + space.addressWidth();
  }

  /** Follows the reference under the cursor. */
  byte[] follow(ByteCursor reference) {
    long length = reference.uint32();
    long collection = reference.uint(space.addressWidth());
    long index = reference.uint32();
    return length == 0
        ? new byte[0]
        : read.computeIfAbsent(new Key(collection, index, length), this::find);
  }

  private byte[] find(Key key) {
    ByteCursor cursor = space.dataCursor(key.collection());
    cursor.expect("GCOL");
    cursor.expectVersion("HDF5 global heap", 1);
    cursor.skip(3);
    long end = key.collection() + space.length(cursor);
    while (cursor.position() < end) {
      int index = cursor.uint16();
      cursor.skip(6);
      long size = space.length(cursor);
      if (index == 0) {
        break;
      }
      Bytes object = cursor.take(size);
      if (index == key.index()) {
        return object.slice(0, key.length()).toArray();
      }
      cursor.align8(key.collection());
    }
    throw AlphornException.invalidArgument(
        "%s: damaged: text number %d of the heap at %d is missing",
        space.name(), key.index(), key.collection());
  }

  private record Key(long collection, long index, long length) {}
}
