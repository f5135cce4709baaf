package io.alphorn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.Corpus;
import io.alphorn.archive.LegacyWeights.LayerWeights;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One model in each format that Keras saved it in. */
class FormatsTest {
  private static final String KERAS_3 = "formats/keras3.15.1/";
  private static final String KERAS_2 = "formats/keras2.15.0/";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dev", "unloadable", "formats/keras3.15.1", "formats/keras2.15.0"})
  void opensEveryArchiveAndReadsEveryArray(String corpusFolder) {
    List<Path> archives = Corpus.files(corpusFolder, ".keras");
    int arrays = 0;
    for (Path file : archives) {
      try (KerasArchive archive = open(file)) {
        arrays += Fixtures.readAll(archive.weights());
        assertThat(archive.kerasVersion()).as(file.toString()).isNotEmpty();
        assertThat(archive.config().isObject()).as(file.toString()).isTrue();
      }
    }
    assertThat(arrays).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "attention, 3.15.1",
    "bidir, 3.15.1",
    "cnn, 3.15.1",
    "emb_lstm, 3.15.1",
    "nested, 3.15.1",
    "two_inputs, 3.15.1",
    "attention, 2.15.0",
    "bidir, 2.15.0",
    "cnn, 2.15.0",
    "emb_lstm, 2.15.0",
    "nested, 2.15.0",
    "two_inputs, 2.15.0"
  })
  void opensAModelInEachOfItsFormats(String name, String version) {
    String stem = "formats/keras" + version + "/" + name;
    KerasArchive archive = open(Corpus.file(stem + ".keras"));
    KerasArchive pair = open(Corpus.file(stem + ".json"));
    KerasArchive legacy = open(Corpus.file(stem + ".h5"));

    int arrays = Fixtures.readAll(archive.weights());
    assertThat(Fixtures.readAll(pair.weights())).isEqualTo(arrays);
    assertThat(legacyTensors(legacy)).hasSize(arrays);
    assertThat(legacy.kerasVersion()).isEqualTo(version);
    assertThat(legacy.weights().legacy().orElseThrow().kerasVersion()).isEqualTo(version);
    assertThat(List.of(archive, pair, legacy))
        .extracting(model -> model.config().path("config").path("name").asText())
        .containsOnly(archive.config().path("config").path("name").asText());
  }

  @Test
  void givesLegacyWeightsInTheOrderOfTheModel() {
    List<LayerWeights> layers =
        open(Corpus.file(KERAS_2 + "cnn.h5")).weights().legacy().orElseThrow().layers();

    assertThat(layers)
        .extracting(LayerWeights::layerName)
        .containsExactly("conv2d", "batch_normalization", "max_pooling2d", "flatten", "dense");
    assertThat(layers.get(1).tensors())
        .extracting(tensor -> tensor.path().replaceFirst(".*/", ""))
        .containsExactly("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"attention", "bidir", "emb_lstm", "nested", "two_inputs"})
  void joinsShards(String name) {
    KerasArchive sharded =
        KerasArchive.open(
            Corpus.file(KERAS_3 + name + ".json"),
            Corpus.file(KERAS_3 + name + "_sharded.weights.json"),
            ArchiveLimits.defaults());
    WeightStore whole = open(Corpus.file(KERAS_3 + name + ".keras")).weights();

    assertSameArrays(sharded.weights(), whole, "");
  }

  @Test
  void opensArchivesInTheFormThatZipHasForLargeFiles() {
    KerasArchive archive = open(Fixtures.file("zip64.keras"));

    assertThat(archive.kerasVersion()).isEqualTo("3.15.1");
    assertThat(Fixtures.readAll(archive.weights())).isEqualTo(3);
  }

  @Test
  void opensAnUnzippedArchive() throws IOException {
    Path archive = archiveWithAssets();
    unzip(archive, folder);

    for (Path opened : List.of(folder, folder.resolve("config.json"))) {
      KerasArchive unzipped = open(opened);
      assertSameArrays(unzipped.weights(), open(archive).weights(), "");
      assertThat(unzipped.kerasVersion()).isEqualTo(open(archive).kerasVersion());
      assertThat(unzipped.assetNames())
          .containsExactlyInAnyOrderElementsOf(open(archive).assetNames());
      String asset = unzipped.assetNames().getFirst();
      assertThat(unzipped.asset(asset)).hasValue(open(archive).asset(asset).orElseThrow());
      assertThat(unzipped.asset("../config.json")).isEmpty();
    }
  }

  @Test
  void opensADirectoryWithOneModel() throws IOException {
    Files.copy(Corpus.file(KERAS_3 + "nested.json"), folder.resolve("config.json"));
    Files.copy(Corpus.file(KERAS_3 + "nested.weights.h5"), folder.resolve("any.weights.h5"));
    assertThat(Fixtures.readAll(open(folder).weights())).isEqualTo(6);

    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("a config.json, or one .keras or .h5 file expected, 0 found");

    Files.copy(Corpus.file(KERAS_2 + "nested.h5"), folder.resolve("model.h5"));
    assertThat(open(folder).kerasVersion()).isEqualTo("2.15.0");

    Files.copy(Corpus.file(KERAS_3 + "nested.keras"), folder.resolve("model.keras"));
    assertThat(open(folder).kerasVersion()).isEqualTo("3.15.1");
  }

  @Test
  void opensAModelWithTheWeightsOfAnother() {
    Path model = Corpus.file(KERAS_3 + "nested.keras");
    Path weights = Corpus.file(KERAS_2 + "nested.h5");
    KerasArchive archive = KerasArchive.open(model, weights, ArchiveLimits.defaults());

    assertThat(archive.kerasVersion()).isEqualTo("3.15.1");
    assertThat(archive.weights().legacy()).isPresent();
  }

  @Test
  void saysWhatWeightsAloneLack() {
    assertThatThrownBy(() -> open(Corpus.file(KERAS_3 + "nested.weights.h5")))
        .hasMessageContaining("weights without a model")
        .hasMessageContaining("model.to_json()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"weight_map\": []}",
        "{\"weight_map\": {\"/vars\": \"../secret.weights.h5\"}}",
        "{\"weight_map\": {\"/vars\": [\"/etc/passwd\"]}}",
        "{\"weight_map\": {\"/vars\": [\"missing.weights.h5\"]}}",
        "{\"weight_map\": {\"/vars\": [3]}}"
      })
  void refusesAMapOfShardsThatLeadsElsewhere(String map) throws IOException {
    Files.write(folder.resolve("secret.weights.h5"), new byte[0]);
    Path below = Files.createDirectory(folder.resolve("model"));
    Path file = Files.writeString(below.resolve("m.weights.json"), map);

    assertThatThrownBy(() -> WeightStore.open(file, ArchiveLimits.defaults()))
        .hasMessageContaining("weight_map");
  }

  @Test
  void readsWhatKeras212CalledItsLayers() {
    Hdf5Group layers = Hdf5File.read(bytes(KERAS_3 + "two_inputs.weights.h5"), Fixtures.budget());
    Hdf5Group old =
        new Hdf5Group(
            Map.of("_layer_checkpoint_dependencies", layers.group("layers").orElseThrow()),
            Map.of(),
            Map.of());
    WeightStore weights = new Hdf5Weights(old, Optional.empty());

    assertThat(weights.find("layers/dense/vars/0")).isPresent();
    assertThat(weights.groups("layers")).contains("dense");
  }

  private static void assertSameArrays(WeightStore actual, WeightStore expected, String group) {
    String prefix = group.isEmpty() ? "" : group + "/";
    assertThat(actual.tensors(group))
        .as(group)
        .containsExactlyInAnyOrderElementsOf(expected.tensors(group));
    for (String name : expected.tensors(group)) {
      Tensor tensor = actual.find(prefix + name).orElseThrow().read();
      ByteBuffer bytes = expected.find(prefix + name).orElseThrow().read().bytes();
      assertThat(tensor.bytes()).as(prefix + name).isEqualTo(bytes);
    }
    for (String name : expected.groups(group)) {
      assertSameArrays(actual, expected, prefix + name);
    }
  }

  private static List<Tensor> legacyTensors(KerasArchive archive) {
    return archive.weights().legacy().orElseThrow().layers().stream()
        .flatMap(layer -> layer.tensors().stream())
        .map(StoredTensor::read)
        .toList();
  }

  private static Path archiveWithAssets() {
    return Corpus.files("dev", ".keras").stream()
        .filter(file -> !open(file).assetNames().isEmpty())
        .findFirst()
        .orElseThrow();
  }

  private static void unzip(Path archive, Path target) throws IOException {
    try (InputStream bytes = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(bytes)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = target.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  private static Bytes bytes(String path) {
    return Fixtures.inMemory(Fixtures.bytes(Corpus.file(path)));
  }

  private static KerasArchive open(Path path) {
    return KerasArchive.open(path, ArchiveLimits.defaults());
  }
}
