package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import java.util.Arrays;
import java.util.List;

/**
 * A named value beside a group or dataset.
 *
 * @param elements its elements as stored, one after the other
 */
record Hdf5Attribute(Hdf5Space space, String name, Hdf5Type type, long[] shape, Bytes elements) {
  private static final int SHARED = 3;

  static Hdf5Attribute read(Hdf5Space space, Hdf5Message message) {
    ByteCursor cursor = message.cursor();
    int version = cursor.uint8();
    int flags = cursor.uint8();
    if (version < 1 || version > 3 || (version > 1 && (flags & SHARED) != 0)) {
      throw AlphornException.unimplemented(
          "%s: an HDF5 attribute of version %d with flags %d; Keras writes no such file",
          space.name(), version, flags);
    }
    int nameLength = cursor.uint16();
    int typeLength = cursor.uint16();
    int shapeLength = cursor.uint16();
    cursor.skip(version == 3 ? 1 : 0);
    boolean padded = version == 1;
    String name = new ByteCursor(field(cursor, nameLength, padded)).nulTerminated();
    Hdf5Type type = Hdf5Type.read(field(cursor, typeLength, padded));
    long[] shape = Hdf5Shape.read(space, field(cursor, shapeLength, padded));
    long bytes = Hdf5Shape.bytes(space.name() + ": attribute '" + name + "'", shape, type.bytes());
    return new Hdf5Attribute(space, name, type, shape, cursor.take(bytes));
  }

  /** The elements as text; an array without elements has none, whatever its type. */
  List<String> texts() {
    int count = (int) (elements.size() / type.bytes());
    if (count > 0 && !type.isText()) {
      throw AlphornException.invalidArgument(
          "%s: attribute '%s' holds no text", space.name(), name);
    }
    return Arrays.stream(Hdf5Texts.read(space, type, elements, count))
        .map(text -> new String(text, UTF_8))
        .toList();
  }

  private static Bytes field(ByteCursor cursor, int length, boolean padded) {
    long start = cursor.position();
    Bytes field = cursor.take(length);
    if (padded) {
      cursor.align8(start);
    }
    return field;
  }
}
