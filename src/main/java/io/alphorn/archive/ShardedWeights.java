package io.alphorn.archive;

import com.fasterxml.jackson.databind.JsonNode;
import io.alphorn.error.AlphornException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Weights that Keras split over several HDF5 files, with a map from each group of variables to the
 * files that hold it ({@code ShardedH5IOStore} in Keras's saving_lib.py). One group may span
 * several files.
 */
final class ShardedWeights implements WeightStore {
  static final String SUFFIX = ".weights.json";

  private static final String WEIGHT_MAP = "weight_map";

  private final Map<String, WeightStore> shards;
  private final Map<String, List<WeightStore>> shardsOfGroup;

  private ShardedWeights(
      Map<String, WeightStore> shards, Map<String, List<WeightStore>> shardsOfGroup) {
    this.shards = shards;
    this.shardsOfGroup = shardsOfGroup;
  }

  /** Reads the map at {@code path} and the files beside it that it names. */
  static WeightStore read(Path path, Bytes json, Budget budget) {
    JsonNode map = StrictJson.object(json, budget.limits()).path(WEIGHT_MAP);
    if (!map.isObject()) {
      throw AlphornException.invalidArgument(
          "%s: not a map of sharded weights: no object \"weight_map\"", json.name());
    }
    Map<String, WeightStore> shards = new LinkedHashMap<>();
    Map<String, List<WeightStore>> shardsOfGroup = new LinkedHashMap<>();
    Set<String> beside =
        Set.copyOf(FileTree.names(path.toAbsolutePath().resolveSibling(""), budget));
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      List<String> files = fileNames(entry, beside, json.name());
      for (String file : files) {
        if (!shards.containsKey(file)) {
          Bytes shard = Bytes.map(path.resolveSibling(file), budget);
          shards.put(file, Hdf5Weights.read(shard, budget));
        }
      }
      shardsOfGroup.put(
          withoutLeadingSlash(entry.getKey()),
          files.stream().map(shards::get).filter(Objects::nonNull).toList());
    }
    return new ShardedWeights(shards, shardsOfGroup);
  }

  private static String withoutLeadingSlash(String group) {
    return group.startsWith("/") ? group.substring(1) : group;
  }

  private static List<String> fileNames(
      Map.Entry<String, JsonNode> entry, Set<String> beside, String place) {
    JsonNode value = entry.getValue();
    Iterable<JsonNode> files = value.isArray() ? value : List.of(value);
    List<String> names = new ArrayList<>();
    for (JsonNode file : files) {
      if (!file.isTextual() || !beside.contains(file.textValue())) {
        throw AlphornException.invalidArgument(
            "%s: weight_map['%s']: the name of a file beside it expected; there is no %s",
            place, entry.getKey(), file);
      }
      names.add(file.textValue());
    }
    return names;
  }

  @Override
  public Optional<StoredTensor> find(String path) {
    String group = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    return shardsOf(group).map(shard -> shard.find(path)).flatMap(Optional::stream).findFirst();
  }

  @Override
  public boolean hasGroup(String path) {
    return shards.values().stream().anyMatch(shard -> shard.hasGroup(path));
  }

  @Override
  public List<String> groups(String path) {
    return union(shards.values().stream(), shard -> shard.groups(path));
  }

  @Override
  public List<String> tensors(String path) {
    return union(shardsOf(path), shard -> shard.tensors(path));
  }

  @Override
  public Optional<String> attribute(String path, String name) {
    return shards.values().stream()
        .map(shard -> shard.attribute(path, name))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public Optional<LegacyWeights> legacy() {
    return Optional.empty();
  }

  private Stream<WeightStore> shardsOf(String group) {
    return shardsOfGroup.getOrDefault(group, List.of()).stream();
  }

  private static List<String> union(
      Stream<WeightStore> stores, Function<WeightStore, List<String>> names) {
    Set<String> union = new LinkedHashSet<>();
    stores.map(names).forEach(union::addAll);
    return List.copyOf(union);
  }
}
