package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the whole tree of an HDF5 file, without the elements, so that a file is refused before it
 * is used rather than in the middle. It reads what HDF5 and h5py write by default, which is what
 * Keras writes; see docs/decisions/0002-own-hdf5-reader.md.
 *
 * @see <a href="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html">HDF5 File
 *     Format Specification</a>
 */
final class Hdf5File {
  private final Hdf5Space space;
  private final Budget budget;

  private Hdf5File(Hdf5Space space, Budget budget) {
    this.space = space;
    this.budget = budget;
  }

  /** The root group. */
  static Hdf5Group read(Bytes file, Budget budget) {
    Hdf5Superblock superblock = Hdf5Superblock.read(file);
    Hdf5ObjectHeader root = Hdf5ObjectHeader.read(superblock.space(), superblock.rootHeader());
    if (!Hdf5Links.isGroup(root)) {
      throw AlphornException.invalidArgument("%s: damaged: its root is not a group", file.name());
    }
    return new Hdf5File(superblock.space(), budget).readGroup("", root, 0);
  }

  private Hdf5Group readGroup(String path, Hdf5ObjectHeader header, int depth) {
    budget.depth(space.name() + ": " + path, depth);
    Map<String, Hdf5Group> groups = new LinkedHashMap<>();
    Map<String, Hdf5Dataset> datasets = new LinkedHashMap<>();
    for (Hdf5Link link : Hdf5Links.read(space, header)) {
      String childPath = path.isEmpty() ? link.name() : path + "/" + link.name();
      if (groups.containsKey(link.name()) || datasets.containsKey(link.name())) {
        throw AlphornException.invalidArgument(
            "%s: damaged: '%s' occurs twice", space.name(), childPath);
      }
      Hdf5ObjectHeader child = Hdf5ObjectHeader.read(space, link.header());
      if (Hdf5Links.isGroup(child)) {
        groups.put(link.name(), readGroup(childPath, child, depth + 1));
      } else {
        datasets.put(
            link.name(), Hdf5Dataset.read(space, childPath, child, readAttributes(child), budget));
      }
    }
    return new Hdf5Group(groups, datasets, readAttributes(header));
  }

  private Map<String, Hdf5Attribute> readAttributes(Hdf5ObjectHeader header) {
    header.first(Hdf5Message.ATTRIBUTE_INFO).ifPresent(this::refuseDenseAttributes);
    Map<String, Hdf5Attribute> attributes = new LinkedHashMap<>();
    header
        .all(Hdf5Message.ATTRIBUTE)
        .map(message -> Hdf5Attribute.read(space, message))
        .forEach(attribute -> attributes.put(attribute.name(), attribute));
    return attributes;
  }

  private void refuseDenseAttributes(Hdf5Message message) {
    ByteCursor cursor = message.cursor();
    cursor.skip(1);
    int flags = cursor.uint8();
    cursor.skip((flags & 1) != 0 ? 2 : 0);
    if (space.address(cursor).isPresent()) {
      throw AlphornException.unimplemented(
          "%s: HDF5 attributes in a fractal heap (libver='latest'); Keras writes no such"
              + " file. Load it in Keras and save it again",
          space.name());
    }
  }
}
