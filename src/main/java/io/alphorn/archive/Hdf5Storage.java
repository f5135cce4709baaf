package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import java.util.List;

/** How the elements of a dataset lie in the file. */
sealed interface Hdf5Storage permits Hdf5Storage.Contiguous, Hdf5Chunks {
  /** All elements, in row-major order. */
  Bytes elements();

  /** One stretch of the file. */
  record Contiguous(Bytes elements) implements Hdf5Storage {}

  /** Reads the layout message of a dataset of {@code bytes}. */
  static Hdf5Storage read(
      Hdf5Space space, Hdf5ObjectHeader header, Hdf5Extent extent, Budget budget) {
    if (header.has(Hdf5Message.EXTERNAL_FILES)) {
      throw AlphornException.invalidArgument(
          "%s: its data lies in other files; only data inside the file itself is read",
          extent.path());
    }
    ByteCursor cursor = header.require(Hdf5Message.LAYOUT, "data layout").cursor();
    int version = cursor.uint8();
    if (version < 3 || version > 4) {
      throw AlphornException.unimplemented(
          "%s: an HDF5 data layout of version %d; 3 and 4 are read", extent.path(), version);
    }
    int kind = cursor.uint8();
    return switch (kind) {
      case 0 -> contiguous(extent, cursor.take(cursor.uint16()));
      case 1 -> atAddress(space, extent, cursor);
      case 2 -> {
        List<Hdf5Filter> filters =
            header.first(Hdf5Message.FILTERS).map(Hdf5Filter::read).orElse(List.of());
        Hdf5Chunks chunks = Hdf5Chunks.read(space, extent, filters, cursor, version);
        budget.unpack(extent.path(), chunks.unpackedBytes());
        yield chunks;
      }
      default ->
          throw AlphornException.invalidArgument(
              "%s: a virtual or unknown data layout (%d); only data inside the file itself is"
                  + " read",
              extent.path(), kind);
    };
  }

  private static Hdf5Storage atAddress(Hdf5Space space, Hdf5Extent extent, ByteCursor cursor) {
    long address = space.address(cursor).orElse(0);
    long stored = address == 0 ? 0 : space.length(cursor);
    return contiguous(extent, space.data(extent.path(), address, stored));
  }

  private static Hdf5Storage contiguous(Hdf5Extent extent, Bytes stored) {
    if (stored.size() < extent.bytes()) {
      throw AlphornException.invalidArgument(
          "%s: declares %d bytes, but only %d are stored",
          extent.path(), extent.bytes(), stored.size());
    }
    return new Contiguous(stored.slice(extent.path(), 0, extent.bytes()));
  }
}
