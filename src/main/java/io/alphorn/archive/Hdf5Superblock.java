package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.alphorn.error.AlphornException;

/**
 * Where an HDF5 file begins: it declares the widths of numbers and the root group. Versions 0 to 3,
 * which is every one there is up to HDF5 1.14.
 *
 * @param space the addresses of the file
 * @param rootHeader address of the root group's object header
 */
record Hdf5Superblock(Hdf5Space space, long rootHeader) {
  private static final byte[] SIGNATURE = "\u0089HDF\r\n\u001a\n".getBytes(ISO_8859_1);
  private static final int FIRST_USER_BLOCK = 512;

  /** Whether the bytes hold HDF5, at their start or behind a user block. */
  static boolean isAt(Bytes file) {
    return find(file) >= 0;
  }

  static Hdf5Superblock read(Bytes file) {
    long start = find(file);
    if (start < 0) {
      throw AlphornException.invalidArgument(
          "%s: not an HDF5 file: its signature is missing", file.name());
    }
    ByteCursor cursor = new ByteCursor(file, start + SIGNATURE.length);
    int version = cursor.uint8();
    return switch (version) {
      case 0, 1 -> readOld(file, cursor, version);
      case 2, 3 -> readNew(file, cursor);
      default ->
          throw AlphornException.unimplemented(
              "%s: HDF5 superblock of version %d; 0 to 3 are read", file.name(), version);
    };
  }

  private static Hdf5Superblock readOld(Bytes file, ByteCursor cursor, int version) {
    cursor.skip(4);
    int addressWidth = cursor.uint8();
    int lengthWidth = cursor.uint8();
    cursor.skip(version == 0 ? 9 : 13);
    Hdf5Space space = space(file, cursor, addressWidth, lengthWidth);
    space.address(cursor);
    cursor.skip(addressWidth);
    return new Hdf5Superblock(space, space.definedAddress(cursor, "root group"));
  }

  private static Hdf5Superblock readNew(Bytes file, ByteCursor cursor) {
    int addressWidth = cursor.uint8();
    int lengthWidth = cursor.uint8();
    cursor.skip(1);
    Hdf5Space space = space(file, cursor, addressWidth, lengthWidth);
    return new Hdf5Superblock(space, space.definedAddress(cursor, "root group"));
  }

  /** Reads base address, one that matters not, and the address of the file's end. */
  private static Hdf5Space space(Bytes file, ByteCursor cursor, int addressWidth, int lengthWidth) {
    long base = cursor.uint(addressWidth);
    cursor.skip(addressWidth);
    long end = cursor.uint(addressWidth);
    if (end < 0 || end > file.size()) {
      throw AlphornException.invalidArgument(
          "%s: an HDF5 file that is cut short: it declares %d bytes and has %d",
          file.name(), end, file.size());
    }
    Bytes addressed = file.slice(base, file.size() - base);
    return new Hdf5Space(addressed, addressWidth, lengthWidth);
  }

  private static long find(Bytes file) {
    if (file.startsWith(0, SIGNATURE)) {
      return 0;
    }
    for (long at = FIRST_USER_BLOCK; at > 0 && at < file.size(); at *= 2) {
      if (file.startsWith(at, SIGNATURE)) {
        return at;
      }
    }
    return -1;
  }
}
