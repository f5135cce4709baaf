package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arrays as h5py and NumPy read them, and files that ask for what no file of weights should. */
class WeightStoreTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<Path> readableFiles() {
    return Fixtures.files("readable");
  }

  @ParameterizedTest
  @MethodSource("readableFiles")
  void readsWhatTheReferenceReads(Path file) {
    List<JsonNode> expected = Fixtures.expected(file.getFileName().toString());
    WeightStore weights = WeightStore.open(file, ArchiveLimits.defaults());

    assertThat(Fixtures.readAll(weights)).isEqualTo(expected.size());
    for (JsonNode array : expected) {
      assertEqual(weights.find(array.path("path").asText()).orElseThrow(), array);
    }
  }

  private static void assertEqual(StoredTensor stored, JsonNode expected) {
    Tensor tensor = stored.read();

    assertThat(stored.dtype()).hasToString(expected.path("dtype").asText());
    assertThat(stored.shape()).isEqualTo(JSON.convertValue(expected.path("shape"), long[].class));
    assertThat(tensor.shape()).as(stored.path()).isEqualTo(stored.shape());
    if (expected.has("texts")) {
      assertThat(Arrays.stream(tensor.strings()).map(text -> new String(text, UTF_8)))
          .as(stored.path())
          .containsExactly(JSON.convertValue(expected.path("texts"), String[].class));
    } else {
      assertThat(HexFormat.of().formatHex(array(tensor.bytes())))
          .as(stored.path())
          .isEqualTo(expected.path("hex").asText());
    }
  }

  @Test
  void knowsGroupsAndAttributes() {
    WeightStore weights = open("readable/types.h5");

    assertThat(weights.groups("")).containsExactly("big_endian", "empty_group");
    assertThat(weights.groups("nowhere/at/all")).isEmpty();
    assertThat(weights.hasGroup("empty_group")).isTrue();
    assertThat(weights.attribute("", "text")).contains("root");
    assertThat(weights.attribute("bfloat16", "dtype")).contains("bfloat16");
    assertThat(weights.attribute("empty_group", "name")).isEmpty();
  }

  @Test
  void pointsOnlyAtBytesThatLieAsTheyAreUsed() {
    WeightStore types = open("readable/types.h5");
    WeightStore layouts = open("readable/layouts.h5");

    assertThat(types.find("float32").orElseThrow().region()).isPresent();
    assertThat(types.find("bfloat16").orElseThrow().region()).isPresent();
    assertThat(layouts.find("compact").orElseThrow().region()).isPresent();
    assertThat(types.find("big_endian/float32").orElseThrow().region()).isEmpty();
    assertThat(types.find("fixed_text").orElseThrow().region()).isEmpty();
    assertThat(layouts.find("gzip").orElseThrow().region()).isEmpty();
    assertThat(open("readable/stored.npz").find("flag").orElseThrow().region()).isPresent();
    assertThat(open("readable/compressed.npz").find("vars/0").orElseThrow().region()).isEmpty();
  }

  @Test
  void joinsNamesThatKerasSplitOverAttributes() {
    LegacyWeights legacy = open("readable/legacy_weights.h5").legacy().orElseThrow();

    assertThat(legacy.layers()).hasSize(45);
    assertThat(legacy.layers().getFirst().tensors())
        .extracting(tensor -> tensor.read().bytes().getFloat(0))
        .containsExactly(2f, 1f);
    assertThat(legacy.layers().getLast().layerName()).startsWith("layer_44_");
    assertThat(legacy.layers().getLast().tensors()).isEmpty();
  }

  static List<Path> refusedFiles() {
    return Fixtures.files("refused");
  }

  @ParameterizedTest
  @MethodSource("refusedFiles")
  void refuses(Path file) {
    assertThatThrownBy(() -> Fixtures.readAll(WeightStore.open(file, ArchiveLimits.defaults())))
        .isInstanceOfSatisfying(
            AlphornException.class,
            e ->
                assertThat(e.code())
                    .isIn(
                        ErrorCode.INVALID_ARGUMENT,
                        ErrorCode.UNIMPLEMENTED,
                        ErrorCode.RESOURCE_EXHAUSTED));
  }

  @Test
  void saysWhyItRefuses() {
    assertThatThrownBy(() -> open("refused/soft_link.h5"))
        .hasMessage("soft_link.h5: 'b' is a soft link; only data inside the file itself is read");
    assertThatThrownBy(() -> open("refused/external_link.h5")).hasMessageContaining("external");
    assertThatThrownBy(() -> open("refused/external_data.h5"))
        .hasMessageContaining("its data lies in other files");
    assertThatThrownBy(() -> open("refused/virtual.h5")).hasMessageContaining("virtual");
    assertThatThrownBy(() -> open("refused/cycle.h5"))
        .hasMessageContaining("part of two others or of itself");
    assertThatThrownBy(() -> open("refused/shape_bomb.h5")).hasMessageContaining("limit");
    assertThatThrownBy(() -> open("refused/overflow.h5")).hasMessageContaining("no memory holds");
    assertThatThrownBy(() -> open("refused/objects.npz"))
        .hasMessageContaining("Python objects, which are never unpickled");
    assertThatThrownBy(() -> open("refused/missing_weight.h5"))
        .hasMessageContaining("weight 'kernel:0' of layer 'dense' is listed, but missing");
  }

  @Test
  void refusesWhatTheLimitsForbid() {
    ArchiveLimits few = new ArchiveLimits(1 << 20, 10, 1 << 20, 1000, 1000, 10, 100, 1 << 20, 10);

    assertThatThrownBy(() -> WeightStore.open(Fixtures.file("readable/many_groups.h5"), few))
        .hasMessageContaining("more than the limit of 100 arrays");
    assertThatThrownBy(() -> WeightStore.open(Fixtures.file("readable/layouts.h5"), few))
        .hasMessageContaining("more than the limit of 1000");
    assertThatThrownBy(() -> WeightStore.open(Fixtures.file("readable/compressed.npz"), few))
        .hasMessageContaining("more than the limit of 1000");
  }

  private static WeightStore open(String path) {
    return WeightStore.open(Fixtures.file(path), ArchiveLimits.defaults());
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] array = new byte[buffer.remaining()];
    buffer.get(array);
    return array;
  }
}
