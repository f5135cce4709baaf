package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompression of DEFLATE data into exactly the size that was declared for it. */
final class Inflation {
  /** The most that DEFLATE can expand: 258 bytes from 2 bits, plus the header of one block. */
  private static final long MAX_RATIO = 1032;

  private static final long MAX_STEP = 1L << 30;

  private Inflation() {}

  /** DEFLATE with zlib's header and checksum, as HDF5 stores it. */
  static Bytes zlib(Bytes compressed, long size) {
    requirePossible(compressed, size);
    MemorySegment target = Bytes.allocateScratch(compressed.name(), size);
    return inflate(compressed, target, new Inflater());
  }

  /** DEFLATE alone, as zip stores it. */
  static Bytes raw(Bytes compressed, long size) {
    requirePossible(compressed, size);
    MemorySegment target = Bytes.allocate(compressed.name(), size);
    return inflate(compressed, target, new Inflater(true));
  }

  private static void requirePossible(Bytes compressed, long size) {
    if (size / MAX_RATIO > compressed.size()) {
      throw AlphornException.invalidArgument(
          "%s: %d compressed bytes cannot hold the %d bytes declared",
          compressed.name(), compressed.size(), size);
    }
  }

  private static Bytes inflate(Bytes compressed, MemorySegment target, Inflater inflater) {
    try {
      long unpacked = fill(target, inflater, compressed);
      if (unpacked != target.byteSize() || hasMore(inflater)) {
        throw AlphornException.invalidArgument(
            "%s: %d bytes declared, but it unpacks to %s",
            compressed.name(),
            target.byteSize(),
            unpacked == target.byteSize() ? "more" : Long.toString(unpacked));
      }
    } catch (DataFormatException e) {
      throw AlphornException.invalidArgument("%s: damaged compressed data", compressed.name());
    } finally {
      inflater.end();
    }
    return Bytes.of(compressed.name(), target);
  }

  private static long fill(MemorySegment target, Inflater inflater, Bytes compressed)
      throws DataFormatException {
    long read = 0;
    long written = 0;
    while (written < target.byteSize() && !inflater.finished()) {
      if (inflater.needsInput()) {
        long step = Math.min(MAX_STEP, compressed.size() - read);
        if (step == 0) {
          break;
        }
        inflater.setInput(compressed.slice(read, step).buffer());
        read += step;
      }
      long room = Math.min(MAX_STEP, target.byteSize() - written);
      int produced = inflater.inflate(target.asSlice(written, room).asByteBuffer());
      if (produced == 0 && inflater.needsDictionary()) {
        break;
      }
      written += produced;
    }
    return written;
  }

  private static boolean hasMore(Inflater inflater) throws DataFormatException {
    return !inflater.finished() && inflater.inflate(ByteBuffer.allocate(1)) > 0;
  }
}
