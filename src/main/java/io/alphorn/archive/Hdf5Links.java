package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.util.ArrayList;
import java.util.List;

/**
 * The names in a group: a B-tree of symbol tables, which h5py writes unless told otherwise, or link
 * messages in the group's header. Only hard links are followed; soft and external ones, which can
 * lead to other files of the host, are refused.
 */
final class Hdf5Links {
  private static final int GROUP_TREE = 0;
  private static final int SYMBOLIC = 2;
  private static final int SCRATCH_LENGTH = 16;

  private static final int HARD = 0;
  private static final int TYPE_STORED = 0x08;
  private static final int ORDER_STORED = 0x04;
  private static final int CHARSET_STORED = 0x10;

  private final Hdf5Space space;
  private final List<Hdf5Link> links = new ArrayList<>();

  private Hdf5Links(Hdf5Space space) {
    this.space = space;
  }

  static boolean isGroup(Hdf5ObjectHeader header) {
    return header.has(Hdf5Message.SYMBOL_TABLE)
        || header.has(Hdf5Message.LINK_INFO)
        || header.has(Hdf5Message.LINK);
  }

  static List<Hdf5Link> read(Hdf5Space space, Hdf5ObjectHeader header) {
    Hdf5Links reader = new Hdf5Links(space);
    header.all(Hdf5Message.SYMBOL_TABLE).forEach(reader::readSymbolTable);
    header.all(Hdf5Message.LINK).forEach(message -> reader.readLink(message.cursor()));
    header.all(Hdf5Message.LINK_INFO).forEach(reader::readDenseLinks);
    return reader.links;
  }

  private void readSymbolTable(Hdf5Message message) {
    ByteCursor cursor = message.cursor();
    long tree = space.definedAddress(cursor, "B-tree of a group");
    Bytes names = localHeap(space.definedAddress(cursor, "name heap of a group"));
    readTree(tree, names, -1);
  }

  private Bytes localHeap(long address) {
    ByteCursor cursor = space.visit(address);
    cursor.expect("HEAP");
    cursor.skip(4);
    long size = space.length(cursor);
    space.length(cursor);
    long data = space.definedAddress(cursor, "data of a name heap");
    return space.data(space.name(), data, size);
  }

  /** Reads a node; its level must be {@code expectedLevel} unless that is negative. */
  private void readTree(long address, Bytes names, int expectedLevel) {
    ByteCursor cursor = space.visit(address);
    cursor.expect("TREE");
    int type = cursor.uint8();
    int level = cursor.uint8();
    if (type != GROUP_TREE || (expectedLevel >= 0 && level != expectedLevel)) {
      throw AlphornException.invalidArgument(
          "%s: damaged: a B-tree node of type %d at level %d among a group's names",
          space.name(), type, level);
    }
    int children = cursor.uint16();
    cursor.skip(2L * space.addressWidth());
    for (int i = 0; i < children; i++) {
      space.length(cursor);
      long child = space.definedAddress(cursor, "child of a B-tree");
      if (level > 0) {
        readTree(child, names, level - 1);
      } else {
        readSymbols(child, names);
      }
    }
  }

  private void readSymbols(long address, Bytes names) {
    ByteCursor cursor = space.visit(address);
    cursor.expect("SNOD");
    cursor.expectVersion("HDF5 symbol table", 1);
    cursor.skip(1);
    int count = cursor.uint16();
    for (int i = 0; i < count; i++) {
      String name = new ByteCursor(names, space.length(cursor)).nulTerminated();
      long header = cursor.uint(space.addressWidth());
      long cacheType = cursor.uint32();
      cursor.skip(4 + SCRATCH_LENGTH);
      if (cacheType == SYMBOLIC) {
        throw refusedLink(name, "soft");
      }
      add(name, header);
    }
  }

  private void readLink(ByteCursor cursor) {
    cursor.expectVersion("HDF5 link", 1);
    int flags = cursor.uint8();
    int type = (flags & TYPE_STORED) != 0 ? cursor.uint8() : HARD;
    cursor.skip((flags & ORDER_STORED) != 0 ? 8 : 0);
    cursor.skip((flags & CHARSET_STORED) != 0 ? 1 : 0);
    String name = cursor.take(cursor.uint(1 << (flags & 3))).text();
    if (type != HARD) {
      throw refusedLink(name, type == 1 ? "soft" : "external or user-defined");
    }
    add(name, space.definedAddress(cursor, "object of a link"));
  }

  private void readDenseLinks(Hdf5Message message) {
    ByteCursor cursor = message.cursor();
    cursor.expectVersion("HDF5 link info", 0);
    int flags = cursor.uint8();
    cursor.skip((flags & 1) != 0 ? 8 : 0);
    if (space.address(cursor).isPresent()) {
      throw AlphornException.unimplemented(
          "%s: an HDF5 group with its names in a fractal heap (libver='latest'); Keras writes no"
              + " such file. Load it in Keras and save it again",
          space.name());
    }
  }

  private void add(String name, long header) {
    if (name.isEmpty() || name.equals(".") || name.contains("/")) {
      throw AlphornException.invalidArgument(
          "%s: damaged: '%s' cannot be a name in a group", space.name(), name);
    }
    space.charge(name.length());
    links.add(new Hdf5Link(name, header));
  }

  private AlphornException refusedLink(String name, String kind) {
    return AlphornException.invalidArgument(
        "%s: '%s' is a %s link; only data inside the file itself is read",
        space.name(), name, kind);
  }
}
