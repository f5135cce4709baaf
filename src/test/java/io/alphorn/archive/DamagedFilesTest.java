package io.alphorn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.Corpus;
import io.alphorn.error.AlphornException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files, cut short or with bytes changed: read or refused, never anything else. */
class DamagedFilesTest {
  private static final int MUTATIONS = 1500;
  private static final byte[] LIKELY_TO_HURT = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFF};

  @ParameterizedTest
  @ValueSource(strings = {"two_inputs.keras", "nested.keras"})
  void aCutArchiveIsRefusedWhereverItIsCut(String name) {
    byte[] whole = Fixtures.bytes(Corpus.file("formats/keras3.15.1/" + name));

    for (int length = 0; length < whole.length; length += 7) {
      Bytes cut = Fixtures.inMemory(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> openArchive(cut)).isInstanceOf(AlphornException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"two_inputs.weights.h5", "nested.h5"})
  void cutWeightsAreRefusedWhereverTheyAreCut(String name) {
    byte[] whole = Fixtures.bytes(Corpus.file("formats/keras2.15.0/" + name));

    for (int length = 0; length < whole.length; length += 7) {
      Bytes cut = Fixtures.inMemory(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> openWeights(cut)).isInstanceOf(AlphornException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"two_inputs.keras", "nested.keras"})
  void aChangedArchiveIsReadOrRefused(String name) {
    mutate(Corpus.file("formats/keras3.15.1/" + name), DamagedFilesTest::openArchive);
  }

  @ParameterizedTest
  @ValueSource(strings = {"types", "layouts", "newer", "newest", "ordered", "user_block"})
  void changedWeightsAreReadOrRefused(String name) {
    mutate(Fixtures.file("readable/" + name + ".h5"), DamagedFilesTest::openWeights);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bidir.h5", "bidir.weights.h5"})
  void changedWeightsOfRealModelsAreReadOrRefused(String name) {
    mutate(Corpus.file("formats/keras2.15.0/" + name), DamagedFilesTest::openWeights);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "compressed.npz"})
  void changedNumpyFilesAreReadOrRefused(String name) {
    mutate(
        Fixtures.file("readable/" + name),
        file -> Fixtures.readAll(NpzWeights.read(file, Fixtures.budget())));
  }

  /** Changes one to eight bytes at a time; the seed is fixed, so that a failure comes again. */
  private static void mutate(Path path, Consumer<Bytes> reader) {
    byte[] whole = Fixtures.bytes(path);
    assertThatCode(() -> reader.accept(Fixtures.inMemory(whole))).doesNotThrowAnyException();
    Random random = new Random(path.getFileName().toString().hashCode());
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] changed = whole.clone();
      int at = random.nextInt(whole.length);
      int end = Math.min(whole.length, at + 1 + random.nextInt(8));
      byte value = LIKELY_TO_HURT[random.nextInt(LIKELY_TO_HURT.length)];
      Arrays.fill(changed, at, end, random.nextBoolean() ? value : (byte) (whole[at] ^ value));
      refused += isRefused(reader, Fixtures.inMemory(changed)) ? 1 : 0;
    }
    assertThat(refused).isPositive();
  }

  private static boolean isRefused(Consumer<Bytes> reader, Bytes file) {
    try {
      reader.accept(file);
      return false;
    } catch (AlphornException expected) {
      return true;
    }
  }

  private static void openArchive(Bytes file) {
    KerasArchive archive = KerasZip.open(Path.of("test.keras"), file, Fixtures.budget());
    archive.assetNames().forEach(archive::asset);
    Fixtures.readAll(archive.weights());
  }

  private static void openWeights(Bytes file) {
    Fixtures.readAll(Hdf5Weights.read(file, Fixtures.budget()));
  }
}
