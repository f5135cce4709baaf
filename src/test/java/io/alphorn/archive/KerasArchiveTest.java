package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Corpus;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a {@code .keras} archive that Keras wrote looks like from outside this package. */
class KerasArchiveTest {
  @Test
  void readsConfigurationAndVersion() {
    try (KerasArchive archive = open("formats/keras3.15.1/nested.keras")) {
      assertThat(archive.kerasVersion()).isEqualTo("3.15.1");
      assertThat(archive.config().path("class_name").asText()).isEqualTo("Functional");
    }
  }

  @Test
  void laysWeightsOutUnderTheirPaths() {
    WeightStore weights = open("formats/keras3.15.1/nested.keras").weights();

    assertThat(weights.groups("layers")).contains("dense", "sequential");
    assertThat(weights.tensors("layers/dense/vars")).containsExactly("0", "1");
    assertThat(weights.attribute("layers/dense/vars", "name")).contains("dense_2");
    assertThat(weights.find("layers/dense/vars/0").orElseThrow().shape()).containsExactly(4, 2);
    assertThat(weights.find("layers/dense/vars/2")).isEmpty();
    assertThat(weights.find("layers/dense/vars")).isEmpty();
    assertThat(weights.hasGroup("layers/dense/vars/0")).isFalse();
    assertThat(weights.hasGroup("")).isTrue();
  }

  @Test
  void pointsIntoTheArchiveForThoseWhoMapItThemselves() throws IOException {
    StoredTensor kernel =
        open("formats/keras3.15.1/nested.keras")
            .weights()
            .find("layers/dense/vars/0")
            .orElseThrow();
    FileRegion region = kernel.region().orElseThrow();

    byte[] bytes = new byte[(int) region.length()];
    try (RandomAccessFile file = new RandomAccessFile(region.file().toFile(), "r")) {
      file.seek(region.offset());
      file.readFully(bytes);
    }
    assertThat(ByteBuffer.wrap(bytes)).isEqualTo(kernel.read().bytes());
  }

  @Test
  void readsBfloat16WhichHdf5HasNoTypeFor() {
    Tensor kernel =
        open("dev/dt_bfloat16_mlp.keras")
            .weights()
            .find("layers/dense/vars/0")
            .orElseThrow()
            .read();

    assertThat(kernel.dtype()).isEqualTo(DType.BFLOAT16);
  }

  @Test
  void readsAssetsByTheirPath() {
    Path path =
        Corpus.files("dev", ".keras").stream()
            .filter(file -> !open(file).assetNames().isEmpty())
            .findFirst()
            .orElseThrow();
    KerasArchive archive = open(path);

    assertThat(archive.assetNames()).allMatch(name -> name.endsWith("vocabulary.txt"));
    assertThat(archive.asset(archive.assetNames().getFirst()))
        .hasValueSatisfying(bytes -> assertThat(new String(bytes, UTF_8)).isNotBlank());
    assertThat(archive.asset("layers/none/vocabulary.txt")).isEmpty();
  }

  private static KerasArchive open(String path) {
    return open(Corpus.file(path));
  }

  private static KerasArchive open(Path path) {
    return KerasArchive.open(path, ArchiveLimits.defaults());
  }
}
