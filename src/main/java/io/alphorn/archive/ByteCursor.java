package io.alphorn.archive;

import io.alphorn.error.AlphornException;

/** Reads fields of {@link Bytes} one after the other. */
final class ByteCursor {
  private static final int MAX_NAME = 0xFFFF;

  private final Bytes bytes;
  private long position;

  ByteCursor(Bytes bytes) {
    this(bytes, 0);
  }

  ByteCursor(Bytes bytes, long position) {
    this.bytes = bytes;
    this.position = position;
  }

  long position() {
    return position;
  }

  long remaining() {
    return bytes.size() - position;
  }

  void skip(long count) {
    position += count;
  }

  /** Skips to the next multiple of 8, counted from {@code start}. */
  void align8(long start) {
    position = start + Math.ceilDiv(position - start, 8) * 8;
  }

  int uint8() {
    int value = bytes.uint8(position);
    position += 1;
    return value;
  }

  int peekUint8() {
    return bytes.uint8(position);
  }

  int uint16() {
    int value = bytes.uint16(position);
    position += 2;
    return value;
  }

  long uint32() {
    long value = bytes.uint32(position);
    position += 4;
    return value;
  }

  long int64() {
    long value = bytes.int64(position);
    position += 8;
    return value;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  long uint(int width) {
    return switch (width) {
      case 1 -> uint8();
      case 2 -> uint16();
      case 4 -> uint32();
      case 8 -> int64();
      default ->
          throw AlphornException.invalidArgument(
              "%s: a number %d bytes wide; 1, 2, 4 or 8 expected", bytes.name(), width);
    };
  }

  /** The next {@code length} bytes as a window of their own. */
  Bytes take(long length) {
    Bytes taken = bytes.slice(position, length);
    position += length;
    return taken;
  }

  /** Steps over {@code signature}, or refuses bytes that do not begin with it. */
  void expect(String signature) {
    Bytes found = take(signature.length());
    if (!found.text().equals(signature)) {
      throw AlphornException.invalidArgument(
          "%s: damaged: '%s' expected at offset %d",
          bytes.name(), signature, position - signature.length());
    }
  }

  void expectVersion(String structure, int expected) {
    int found = uint8();
    if (found != expected) {
      throw AlphornException.invalidArgument(
          "%s: %s of version %d; version %d expected", bytes.name(), structure, found, expected);
    }
  }

  /** Text up to a NUL or the end; the cursor stands behind the NUL. */
  String nulTerminated() {
    long end = position;
    while (end < bytes.size() && bytes.uint8(end) != 0) {
      end++;
      if (end - position > MAX_NAME) {
        throw AlphornException.invalidArgument(
            "%s: damaged: a name longer than %d bytes", bytes.name(), MAX_NAME);
      }
    }
    String text = bytes.slice(position, end - position).text();
    position = end + 1;
    return text;
  }
}
