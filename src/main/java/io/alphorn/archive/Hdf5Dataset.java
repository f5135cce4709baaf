package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/** An array in an HDF5 file. */
final class Hdf5Dataset implements StoredTensor {
  private static final String BFLOAT16 = "bfloat16";

  private final Hdf5Space space;
  private final String path;
  private final Hdf5Type type;
  private final Hdf5Extent extent;
  private final Hdf5Storage storage;
  private final Map<String, Hdf5Attribute> attributes;

  private Hdf5Dataset(
      Hdf5Space space,
      String path,
      Hdf5Type type,
      Hdf5Extent extent,
      Hdf5Storage storage,
      Map<String, Hdf5Attribute> attributes) {
    this.space = space;
    this.path = path;
    this.type = type;
    this.extent = extent;
    this.storage = storage;
    this.attributes = attributes;
  }

  static Hdf5Dataset read(
      Hdf5Space space,
      String path,
      Hdf5ObjectHeader header,
      Map<String, Hdf5Attribute> attributes,
      Budget budget) {
    String place = space.name() + ": " + path;
    Hdf5Type stored = Hdf5Type.read(header.require(Hdf5Message.DATATYPE, "element type").body());
    long[] shape = Hdf5Shape.read(space, header.require(Hdf5Message.DATASPACE, "dataspace").body());
    long bytes = Hdf5Shape.bytes(place, shape, stored.bytes());
    budget.tensor(place, bytes);
    Hdf5Extent extent = new Hdf5Extent(place, shape, stored.bytes(), bytes);
    Hdf5Storage storage = Hdf5Storage.read(space, header, extent, budget);
    Hdf5Type type = withKerasType(stored, attributes);
    if (type.bigEndian()) {
      budget.unpack(place, bytes);
    }
    return new Hdf5Dataset(space, path, type, extent, storage, attributes);
  }

  /** Keras stores bfloat16 as two opaque bytes, with an attribute that says what they are. */
  private static Hdf5Type withKerasType(Hdf5Type stored, Map<String, Hdf5Attribute> attributes) {
    Hdf5Attribute dtype = attributes.get("dtype");
    return stored.kind() == Hdf5Type.Kind.OPAQUE
            && stored.bytes() == DType.BFLOAT16.bytes()
            && dtype != null
            && dtype.texts().contains(BFLOAT16)
        ? stored.as(DType.BFLOAT16)
        : stored;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public DType dtype() {
    return type.dtype()
        .orElseThrow(
            () ->
                AlphornException.unimplemented(
                    "%s: elements of %d bytes whose type is not one of Keras's",
                    extent.path(), type.bytes()));
  }

  @Override
  public long[] shape() {
    return extent.shape().clone();
  }

  Map<String, Hdf5Attribute> attributes() {
    return attributes;
  }

  @Override
  public Tensor read() {
    DType dtype = dtype();
    Bytes elements = storage.elements();
    if (type.isText()) {
      int count = Math.toIntExact(extent.bytes() / type.bytes());
      return Tensor.ofStrings(shape(), Hdf5Texts.read(space, type, elements, count));
    }
    Bytes littleEndian = type.bigEndian() ? reversed(elements) : elements;
    return Tensor.of(dtype, shape(), littleEndian.buffer());
  }

  @Override
  public Optional<FileRegion> region() {
    return storage instanceof Hdf5Storage.Contiguous(Bytes elements)
            && type.kind() == Hdf5Type.Kind.NUMBER
            && !type.bigEndian()
        ? elements.origin()
        : Optional.empty();
  }

  private Bytes reversed(Bytes elements) {
    int width = type.bytes();
    MemorySegment target = Bytes.allocate(extent.path(), elements.size());
    for (long at = 0; at < elements.size(); at++) {
      long mirrored = at - at % width + (width - 1 - at % width);
      MemorySegment.copy(elements.segment(), mirrored, target, at, 1);
    }
    return Bytes.of(extent.path(), target);
  }
}
