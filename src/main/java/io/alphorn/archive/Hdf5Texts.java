package io.alphorn.archive;

import java.util.Arrays;

/** Elements of text, fixed or variable in length, as their bytes. */
final class Hdf5Texts {
  private Hdf5Texts() {}

  /** Reads {@code count} elements of {@code type} that lie one after the other. */
  static byte[][] read(Hdf5Space space, Hdf5Type type, Bytes elements, int count) {
    ByteCursor cursor = new ByteCursor(elements);
    Hdf5GlobalHeap heap = new Hdf5GlobalHeap(space);
    byte[][] texts = new byte[count][];
    for (int i = 0; i < count; i++) {
      texts[i] =
          type.kind() == Hdf5Type.Kind.VARIABLE_TEXT
              ? heap.follow(cursor)
              : unpadded(cursor.take(type.bytes()).toArray(), type.padding());
    }
    return texts;
  }

  private static byte[] unpadded(byte[] field, Hdf5Type.Padding padding) {
    int end = field.length;
    byte filler = (byte) (padding == Hdf5Type.Padding.SPACE ? ' ' : 0);
    while (end > 0 && field[end - 1] == filler) {
      end--;
    }
    return Arrays.copyOf(field, end);
  }
}
