package io.alphorn.archive;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder in an HDF5 file.
 *
 * @param groups by name, in the file's order
 * @param datasets by name, in the file's order
 */
record Hdf5Group(
    Map<String, Hdf5Group> groups,
    Map<String, Hdf5Dataset> datasets,
    Map<String, Hdf5Attribute> attributes) {

  /** The group under a slash path; the empty path is this group. */
  Optional<Hdf5Group> group(String path) {
    @Nullable Hdf5Group group = this;
    if (!path.isEmpty()) {
      for (String name : path.split("/", -1)) {
        group = group == null ? null : group.groups.get(name);
      }
    }
    return Optional.ofNullable(group);
  }

  /** The dataset under a slash path. */
  Optional<Hdf5Dataset> dataset(String path) {
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    return group(parent).map(group -> group.datasets.get(path.substring(slash + 1)));
  }

  /** Attributes of the group or dataset under a slash path. */
  Optional<Hdf5Attribute> attribute(String path, String name) {
    return group(path)
        .map(Hdf5Group::attributes)
        .or(() -> dataset(path).map(Hdf5Dataset::attributes))
        .map(attributes -> attributes.get(name));
  }
}
