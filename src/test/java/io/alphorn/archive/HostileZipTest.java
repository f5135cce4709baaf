package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives made to mislead, to escape or to exhaust. */
class HostileZipTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../config.json",
        "assets/../../x",
        "/etc/passwd",
        "C:/x",
        "assets\\..\\x",
        "a//b",
        "./config.json",
        "nul\0byte"
      })
  void refusesNamesThatAreNoPlainPaths(String name) {
    assertThatThrownBy(() -> open(zip(Map.of("config.json", "{}", name, "x"))))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("is not a plain path inside the archive");
  }

  @Test
  void refusesAMemberThatOccursTwice() {
    byte[] twice =
        replace(zip(ordered("config.json", "{}", "confiX.json", "{}")), "confiX", "config");

    assertThatThrownBy(() -> open(twice)).hasMessageContaining("'config.json' occurs twice");
  }

  @Test
  void refusesAMemberWithTwoNames() {
    byte[] archive = zip(ordered("config.json", "{}"));
    byte[] twoNames = replaceFirst(archive, "config.json", "nogfic.json");

    assertThatThrownBy(() -> open(twoNames)).hasMessageContaining("calls itself 'nogfic.json'");
  }

  @Test
  void refusesTwoEndsThatContradictEachOther() {
    byte[] archive = Fixtures.bytes(Fixtures.file("zip64.keras"));
    archive[indexOf(archive, "PK\5\6") + 10] = 2;

    assertThatThrownBy(() -> open(archive)).hasMessageContaining("contradict each other");
  }

  @Test
  void namesWhatAForeignZipHolds() {
    assertThatThrownBy(() -> open(zip(ordered("word/document.xml", "<x/>"))))
        .hasMessage(
            "model.keras: not a Keras archive: it has no config.json; it holds word/document.xml");
  }

  @Test
  void namesTheWeightsThatAreMissing() {
    assertThatThrownBy(() -> open(zip(ordered("config.json", "{}", "metadata.json", "{}"))))
        .hasMessageContaining("it has no model.weights.h5");
  }

  @Test
  void refusesAnEmptyZipAndWhatIsNone() {
    assertThatThrownBy(() -> open(zip(Map.of()))).hasMessageContaining("it holds nothing");
    assertThatThrownBy(() -> open(new byte[0])).hasMessageContaining("its 0 bytes are none");
    assertThatThrownBy(() -> open("hello".getBytes(UTF_8))).hasMessageContaining("none of them");
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(
            () -> KerasArchive.open(folder.resolve("absent.keras"), ArchiveLimits.defaults()))
        .isInstanceOfSatisfying(
            AlphornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessage("absent.keras: no such file");
  }

  @Test
  void refusesToUnpackMoreThanItMay() {
    String zeros = "0".repeat(1_000_000);
    ArchiveLimits tight =
        new ArchiveLimits(1 << 20, 10, 1 << 20, 500_000, 1 << 20, 10, 10, 1 << 20, 10);

    assertThatThrownBy(() -> open(zip(ordered("config.json", "{}", "bomb", zeros)), tight))
        .isInstanceOfSatisfying(
            AlphornException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining("more than the limit of 500000");
  }

  @Test
  void refusesMoreMembersThanItMay() {
    ArchiveLimits tight = new ArchiveLimits(1 << 20, 1, 1 << 20, 1 << 20, 99, 10, 10, 1 << 20, 10);

    assertThatThrownBy(() -> open(zip(ordered("config.json", "{}", "b", "")), tight))
        .hasMessageContaining("2 members, more than the limit of 1");
  }

  @Test
  void refusesAMemberThatIsNotWhatItDeclares() {
    byte[] archive = zip(ordered("config.json", "{\"a\": 1}"));
    int size = indexOf(archive, "PK\1\2") + 24;
    archive[size] = 100;
    byte[] damaged = zip(ordered("config.json", "{\"a\": 1}"));
    damaged[indexOf(damaged, "PK\1\2") + 16] ^= 1;

    assertThatThrownBy(() -> open(archive)).hasMessageContaining("100 bytes declared");
    assertThatThrownBy(() -> open(damaged)).hasMessageContaining("CRC-32");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": 1} trailing",
        "[1]",
        "",
        "{\"a\": ",
        "nonsense",
        "{\"a\": \"\u0001\"}"
      })
  void refusesAConfigurationThatIsNoStrictJson(String config) {
    assertThatThrownBy(() -> open(zip(ordered("config.json", config))))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("config.json");
  }

  @Test
  void refusesAConfigurationThatIsNestedTooDeep() {
    String deep = "{\"a\":".repeat(100_000);

    assertThatThrownBy(() -> open(zip(ordered("config.json", deep))))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("depth");
  }

  @Test
  void takesTheNumbersThatPythonWrites() {
    String config = "{\"a\": NaN, \"b\": -Infinity}";

    assertThatThrownBy(() -> open(zip(ordered("config.json", config))))
        .hasMessageContaining("it has no model.weights.h5");
  }

  private void open(byte[] archive) {
    open(archive, ArchiveLimits.defaults());
  }

  private void open(byte[] archive, ArchiveLimits limits) {
    try {
      Path file = Files.write(folder.resolve("model.keras"), archive);
      KerasArchive.open(file, limits).close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> ordered(String... namesAndContents) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      members.put(namesAndContents[i], namesAndContents[i + 1]);
    }
    return members;
  }

  private static byte[] zip(Map<String, String> members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue().getBytes(UTF_8));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] replace(byte[] bytes, String old, String changed) {
    return new String(bytes, ISO_8859_1).replace(old, changed).getBytes(ISO_8859_1);
  }

  private static byte[] replaceFirst(byte[] bytes, String old, String changed) {
    return new String(bytes, ISO_8859_1).replaceFirst(old, changed).getBytes(ISO_8859_1);
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, ISO_8859_1).indexOf(text);
  }
}
