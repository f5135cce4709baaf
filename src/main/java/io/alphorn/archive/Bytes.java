package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A window over bytes that nobody has vouched for. Every read is little-endian and checked against
 * the window; one that falls outside is the file's fault and says so.
 *
 * <p>The memory is released when nothing refers to it any more, never earlier: a buffer taken from
 * here may be in use by native code.
 */
final class Bytes {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MAX_HEAP_SCRATCH = 1 << 20;

  private final String name;
  private final MemorySegment segment;
  private final @Nullable FileRegion origin;

  private Bytes(String name, MemorySegment segment, @Nullable FileRegion origin) {
    this.name = name;
    this.segment = segment;
    this.origin = origin;
  }

  /** All bytes of a file, mapped. */
  static Bytes map(Path file, Budget budget) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      budget.file(nameOf(file), size);
      MemorySegment segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      return new Bytes(nameOf(file), segment, new FileRegion(file.toAbsolutePath(), 0, size));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static AlphornException unreadable(Path file, IOException cause) {
    return cause instanceof NoSuchFileException
        ? AlphornException.notFound("%s: no such file", nameOf(file))
        : new AlphornException(ErrorCode.UNAVAILABLE, nameOf(file) + ": cannot be read", cause);
  }

  /** How messages call a file: not by its full path, which is nobody's business but the host's. */
  static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Zeroed memory of {@code size} bytes outside the heap, for unpacking into. */
  static MemorySegment allocate(String name, long size) {
    try {
      return Arena.ofAuto().allocate(size, Long.BYTES);
    } catch (OutOfMemoryError e) {
      throw noMemory(name, size, e);
    }
  }

  private static AlphornException noMemory(String name, long size, OutOfMemoryError cause) {
    return new AlphornException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "%s: no memory left for its %d bytes".formatted(name, size),
        cause);
  }

  /** Zeroed memory for a while: on the heap where it is small, which costs less to take. */
  static MemorySegment allocateScratch(String name, long size) {
    return size <= MAX_HEAP_SCRATCH
        ? MemorySegment.ofArray(new byte[(int) size])
        : allocate(name, size);
  }

  /** Bytes in memory, which have no place in a file. */
  static Bytes of(String name, MemorySegment segment) {
    return new Bytes(name, segment, null);
  }

  /** What these bytes are, for messages. */
  String name() {
    return name;
  }

  long size() {
    return segment.byteSize();
  }

  /** The part from {@code offset} on, {@code length} bytes long, under another name. */
  Bytes slice(String newName, long offset, long length) {
    check(offset, length);
    return new Bytes(
        newName,
        segment.asSlice(offset, length),
        origin == null ? null : new FileRegion(origin.file(), origin.offset() + offset, length));
  }

  Bytes slice(long offset, long length) {
    return slice(name, offset, length);
  }

  /** Where these bytes lie on disk, if they do. */
  Optional<FileRegion> origin() {
    return Optional.ofNullable(origin);
  }

  /** A view, without a copy. At most 2 GiB, the most that a buffer holds. */
  ByteBuffer buffer() {
    if (size() > Integer.MAX_VALUE) {
      throw AlphornException.resourceExhausted(
          "%s: %d bytes are more than the 2 GiB that one buffer holds", name, size());
    }
    return segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  MemorySegment segment() {
    return segment;
  }

  /** A copy on the heap. */
  byte[] toArray() {
    ByteBuffer buffer = buffer();
    try {
      byte[] array = new byte[buffer.remaining()];
      buffer.get(array);
      return array;
    } catch (OutOfMemoryError e) {
      throw noMemory(name, size(), e);
    }
  }

  String text() {
    return new String(toArray(), UTF_8);
  }

  int uint8(long offset) {
    check(offset, 1);
    return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
  }

  int uint16(long offset) {
    check(offset, 2);
    return Short.toUnsignedInt(segment.get(INT16, offset));
  }

  int int32(long offset) {
    check(offset, 4);
    return segment.get(INT32, offset);
  }

  long uint32(long offset) {
    return Integer.toUnsignedLong(int32(offset));
  }

  /** An unsigned number of 64 bits; as a signed one it is negative where no size can be. */
  long int64(long offset) {
    check(offset, 8);
    return segment.get(INT64, offset);
  }

  boolean startsWith(long offset, byte[] signature) {
    return offset >= 0
        && offset <= size() - signature.length
        && segment.asSlice(offset, signature.length).mismatch(MemorySegment.ofArray(signature))
            == -1;
  }

  private void check(long offset, long length) {
    if (offset < 0 || length < 0 || offset > size() - length) {
      throw AlphornException.invalidArgument(
          "%s: damaged or cut short: %d bytes expected at offset %d, but there are only %d bytes",
          name, length, offset, size());
    }
  }
}
