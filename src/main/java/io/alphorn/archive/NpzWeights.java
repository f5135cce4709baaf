package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Npy;
import io.alphorn.tensor.NpyHeader;
import io.alphorn.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Weights in NumPy's npz: a zip of arrays, each named by its slash path. Keras's own {@code
 * weights_format="npz"} pickles dictionaries instead, which neither Keras 3.15 nor this reads.
 */
final class NpzWeights implements WeightStore {
  private static final String SUFFIX = ".npy";

  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, Set<String>> groups = new LinkedHashMap<>();
  private final Map<String, Set<String>> names = new LinkedHashMap<>();

  private NpzWeights() {
    groups.put("", new LinkedHashSet<>());
  }

  static WeightStore read(Bytes file, Budget budget) {
    return read(file, ZipDirectory.read(file, budget), budget);
  }

  static WeightStore read(Bytes file, ZipDirectory zip, Budget budget) {
    NpzWeights weights = new NpzWeights();
    for (String member : zip.names()) {
      if (!member.endsWith(SUFFIX)) {
        throw AlphornException.invalidArgument(
            "%s: not a file of NumPy arrays: member '%s' does not end in .npy",
            file.name(), member);
      }
      String path = member.substring(0, member.length() - SUFFIX.length());
      weights.add(path, NpyTensor.read(path, zip.contents(member).orElseThrow(), budget));
    }
    return weights;
  }

  private void add(String path, StoredTensor tensor) {
    tensors.put(path, tensor);
    names.computeIfAbsent(parent(path), group -> new LinkedHashSet<>()).add(name(path));
    for (String group = parent(path); !group.isEmpty(); group = parent(group)) {
      groups.computeIfAbsent(group, missing -> new LinkedHashSet<>());
      groups.computeIfAbsent(parent(group), missing -> new LinkedHashSet<>()).add(name(group));
    }
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public Optional<StoredTensor> find(String path) {
    return Optional.ofNullable(tensors.get(path));
  }

  @Override
  public boolean hasGroup(String path) {
    return groups.containsKey(path);
  }

  @Override
  public List<String> groups(String path) {
    return List.copyOf(groups.getOrDefault(path, Set.of()));
  }

  @Override
  public List<String> tensors(String path) {
    return List.copyOf(names.getOrDefault(path, Set.of()));
  }

  @Override
  public Optional<String> attribute(String path, String name) {
    return Optional.empty();
  }

  @Override
  public Optional<LegacyWeights> legacy() {
    return Optional.empty();
  }

  /** One array, whose elements follow its header. */
  private record NpyTensor(String path, NpyHeader header, Bytes file) implements StoredTensor {
    static NpyTensor read(String path, Bytes file, Budget budget) {
      Bytes start = file.slice(0, Math.min(file.size(), NpyHeader.MAX_BYTES));
      NpyHeader header = NpyHeader.read(start.buffer(), path);
      budget.tensor(file.name(), header.bytes());
      if (header.bytes() != file.size() - header.offset()) {
        throw AlphornException.invalidArgument(
            "%s: declares %d bytes, but %d are stored",
            file.name(), header.bytes(), file.size() - header.offset());
      }
      return new NpyTensor(path, header, file);
    }

    @Override
    public DType dtype() {
      return header.dtype();
    }

    @Override
    public long[] shape() {
      return header.shape().clone();
    }

    @Override
    public Tensor read() {
      return dtype() == DType.STRING
          ? Npy.read(file.buffer(), path)
          : Tensor.of(dtype(), header.shape(), elements().buffer());
    }

    @Override
    public Optional<FileRegion> region() {
      return dtype() == DType.STRING ? Optional.empty() : elements().origin();
    }

    private Bytes elements() {
      return file.slice(header.offset(), header.bytes());
    }
  }
}
