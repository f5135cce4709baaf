package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The part of an HDF5 file that addresses count in, and a ledger of what was read of it.
 *
 * <p>In a file that HDF5 wrote, every structure has one owner and no two overlap. The ledger holds
 * a file to that: a structure that is reached twice, and structures that add up to more than the
 * file, are refused, so that no cycle and no clever sharing makes reading longer than the file is.
 */
final class Hdf5Space {
  private final Bytes bytes;
  private final int addressWidth;
  private final int lengthWidth;
  private final Set<Long> visited = new HashSet<>();
  private long described;

  /**
   * @param bytes from the superblock's base address on
   * @param addressWidth bytes of an address, as the superblock declares
   * @param lengthWidth bytes of a length
   */
  Hdf5Space(Bytes bytes, int addressWidth, int lengthWidth) {
    this.bytes = bytes;
    this.addressWidth = addressWidth;
    this.lengthWidth = lengthWidth;
  }

  String name() {
    return bytes.name();
  }

  int addressWidth() {
    return addressWidth;
  }

  /** The next address; empty where the file says "undefined", which is all bits set. */
  OptionalLong address(ByteCursor cursor) {
    long address = cursor.uint(addressWidth);
    long undefined = addressWidth == Long.BYTES ? -1L : (1L << (8 * addressWidth)) - 1;
    return address == undefined ? OptionalLong.empty() : OptionalLong.of(address);
  }

  /** The next address, which must be a defined one. */
  long definedAddress(ByteCursor cursor, String structure) {
    return address(cursor)
        .orElseThrow(
            () -> AlphornException.invalidArgument("%s: damaged: no %s", name(), structure));
  }

  long length(ByteCursor cursor) {
    return cursor.uint(lengthWidth);
  }

  boolean startsWith(long address, byte[] signature) {
    return bytes.startsWith(address, signature);
  }

  /** Raw data, which may be read any number of times. */
  Bytes data(String place, long address, long length) {
    return bytes.slice(place, address, length);
  }

  ByteCursor dataCursor(long address) {
    return new ByteCursor(bytes, address);
  }

  /** A cursor at a structure that has not been read before. */
  ByteCursor visit(long address) {
    if (!visited.add(address)) {
      throw AlphornException.invalidArgument(
          "%s: damaged: the structure at address %d is part of two others or of itself",
          name(), address);
    }
    return dataCursor(address);
  }

  /** A window over a structure of known length that has not been read before. */
  Bytes visit(long address, long length) {
    visit(address);
    charge(length);
    return bytes.slice(address, length);
  }

  /** Enters {@code length} bytes of description into the ledger. */
  void charge(long length) {
    if (length < 0 || length > bytes.size() - described) {
      throw AlphornException.invalidArgument(
          "%s: damaged: its structures overlap or are longer than the file", name());
    }
    described += length;
  }
}
