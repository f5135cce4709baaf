package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.alphorn.error.AlphornException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The messages that describe one object (group or dataset), gathered from all its blocks. */
final class Hdf5ObjectHeader {
  private static final byte[] NEW_SIGNATURE = "OHDR".getBytes(US_ASCII);
  private static final int NEW_SIGNATURE_LENGTH = 4;
  private static final int CHECKSUM_LENGTH = 4;

  private static final int SHARED = 0x02;
  private static final int ORDER_TRACKED = 0x04;
  private static final int PHASE_CHANGE_STORED = 0x10;
  private static final int TIMES_STORED = 0x20;

  private final Hdf5Space space;
  private final List<Hdf5Message> messages = new ArrayList<>();
  private final Deque<Block> pending = new ArrayDeque<>();

  private Hdf5ObjectHeader(Hdf5Space space) {
    this.space = space;
  }

  static Hdf5ObjectHeader read(Hdf5Space space, long address) {
    Hdf5ObjectHeader header = new Hdf5ObjectHeader(space);
    if (space.startsWith(address, NEW_SIGNATURE)) {
      header.readNew(address);
    } else {
      header.readOld(address);
    }
    return header;
  }

  /** The messages of one type, in the file's order. */
  Stream<Hdf5Message> all(int type) {
    return messages.stream().filter(message -> message.type() == type);
  }

  Optional<Hdf5Message> first(int type) {
    return all(type).findFirst();
  }

  Hdf5Message require(int type, String what) {
    return first(type)
        .orElseThrow(
            () -> AlphornException.invalidArgument("%s: damaged: no %s", space.name(), what));
  }

  boolean has(int type) {
    return first(type).isPresent();
  }

  private void readOld(long address) {
    ByteCursor cursor = space.visit(address);
    cursor.expectVersion("HDF5 object header", 1);
    cursor.skip(7);
    long size = cursor.uint32();
    cursor.skip(4);
    pending.add(new Block(cursor.position(), size));
    while (!pending.isEmpty()) {
      readOldBlock(pending.remove());
    }
  }

  private void readOldBlock(Block block) {
    ByteCursor cursor = new ByteCursor(space.visit(block.address(), block.size()));
    while (cursor.remaining() >= 8) {
      int type = cursor.uint16();
      int size = cursor.uint16();
      int flags = cursor.uint8();
      cursor.skip(3);
      add(type, flags, cursor.take(size));
    }
  }

  private void readNew(long address) {
    ByteCursor cursor = space.visit(address);
    cursor.skip(NEW_SIGNATURE_LENGTH);
    cursor.expectVersion("HDF5 object header", 2);
    int flags = cursor.uint8();
    cursor.skip((flags & TIMES_STORED) != 0 ? 16 : 0);
    cursor.skip((flags & PHASE_CHANGE_STORED) != 0 ? 4 : 0);
    long size = cursor.uint(1 << (flags & 3));
    readNewMessages(cursor.position(), size, flags);
    while (!pending.isEmpty()) {
      Block block = pending.remove();
      space.dataCursor(block.address()).expect("OCHK");
      long framing = NEW_SIGNATURE_LENGTH + CHECKSUM_LENGTH;
      readNewMessages(
          block.address() + NEW_SIGNATURE_LENGTH, Math.max(0, block.size() - framing), flags);
    }
  }

  private void readNewMessages(long address, long size, int headerFlags) {
    int prefix = (headerFlags & ORDER_TRACKED) != 0 ? 6 : 4;
    ByteCursor cursor = new ByteCursor(space.visit(address, size));
    while (cursor.remaining() >= prefix) {
      int type = cursor.uint8();
      int messageSize = cursor.uint16();
      int flags = cursor.uint8();
      cursor.skip(prefix - 4);
      add(type, flags, cursor.take(messageSize));
    }
  }

  private void add(int type, int flags, Bytes body) {
    if ((flags & SHARED) != 0) {
      throw AlphornException.unimplemented(
          "%s: an HDF5 object shares its description with another; Keras writes no such file",
          space.name());
    }
    if (type == Hdf5Message.CONTINUATION) {
      ByteCursor cursor = new ByteCursor(body);
      long address = space.definedAddress(cursor, "continuation of an object header");
      pending.add(new Block(address, space.length(cursor)));
    } else {
      messages.add(new Hdf5Message(type, body));
    }
  }

  private record Block(long address, long size) {}
}
