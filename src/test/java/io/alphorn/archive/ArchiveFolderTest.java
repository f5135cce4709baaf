package io.alphorn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.Corpus;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveFolderTest {
  private static final String KERAS3 = "formats/keras3.15.1/";
  private static final String KERNEL = "layers/dense/vars/0";

  @TempDir Path folder;

  @Test
  void takesHdf5() throws IOException {
    Path upload = folder.resolve("upload");
    Files.copy(Corpus.file(KERAS3 + "nested.weights.h5"), upload);
    assertWritten(upload, KERAS3 + "nested.keras");
    assertThat(upload).doesNotExist();
  }

  @Test
  void takesAZipOfShards() throws IOException {
    Path upload = folder.resolve("upload");
    zip(
        upload,
        List.of(
            Corpus.file(KERAS3 + "nested_sharded.weights.json"),
            Corpus.file(KERAS3 + "nested_sharded_00000.weights.h5")));
    assertWritten(upload, KERAS3 + "nested.keras");
  }

  @Test
  void keepsTheAssetsOfTheArchitecture() throws IOException {
    Path space = Path.of("src/test/resources/conformance/own/feature_space.keras");
    Path upload = folder.resolve("upload");
    Files.copy(Corpus.file(KERAS3 + "nested.weights.h5"), upload);
    try (KerasArchive architecture = KerasArchive.open(space, ArchiveLimits.defaults())) {
      ArchiveFolder.write(architecture, upload, folder, ArchiveLimits.defaults());
      try (KerasArchive written = KerasArchive.open(folder, ArchiveLimits.defaults())) {
        assertThat(written.config()).isEqualTo(architecture.config());
        assertThat(written.assetNames())
            .isNotEmpty()
            .containsExactlyInAnyOrderElementsOf(architecture.assetNames());
      }
    }
  }

  @Test
  void refusesAWholeModel() throws IOException {
    Path upload = folder.resolve("upload");
    Files.copy(Corpus.file(KERAS3 + "nested.keras"), upload);
    try (KerasArchive architecture =
        KerasArchive.open(Corpus.file(KERAS3 + "nested.keras"), ArchiveLimits.defaults())) {
      assertThatThrownBy(
              () -> ArchiveFolder.write(architecture, upload, folder, ArchiveLimits.defaults()))
          .isInstanceOf(AlphornException.class)
          .hasMessageStartingWith("weights alone expected");
    }
  }

  private void assertWritten(Path upload, String model) throws IOException {
    try (KerasArchive architecture =
        KerasArchive.open(Corpus.file(model), ArchiveLimits.defaults())) {
      ArchiveFolder.write(architecture, upload, folder, ArchiveLimits.defaults());
      try (KerasArchive written = KerasArchive.open(folder, ArchiveLimits.defaults())) {
        assertThat(written.config()).isEqualTo(architecture.config());
        assertThat(written.kerasVersion()).isEqualTo("3.15.1");
        assertThat(written.weights().find(KERNEL).orElseThrow().shape())
            .isEqualTo(architecture.weights().find(KERNEL).orElseThrow().shape());
      }
    }
  }

  private static void zip(Path target, List<Path> files) throws IOException {
    try (OutputStream stream = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(stream)) {
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }
}
