package io.alphorn.registry.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What anyone may ask of a store, of a folder. */
class DirectoryStoreTest {
  private static final String MODEL = "wine";
  private static final long MAX_BYTES = 1000;

  @TempDir Path root;
  private ModelStore store;

  @BeforeEach
  void open() {
    store = new DirectoryStore(root);
  }

  private VersionFolder staged(String content) {
    return store
        .staging(MODEL)
        .stage(new ByteArrayInputStream(content.getBytes(UTF_8)), MAX_BYTES, endpoints());
  }

  private static EndpointDocument endpoints() {
    return EndpointDocument.read(
        "{\"endpoints\": [{\"name\": \"mine\", \"outputs\": [\"dense\"]}]}".getBytes(UTF_8));
  }

  @Test
  void whatIsCommittedIsThere() throws IOException {
    store.commit(staged("archive"), MODEL, 3);
    assertThat(store.models()).containsExactly(MODEL);
    assertThat(store.versions(MODEL)).containsExactly(3L);
    VersionFolder folder = store.folder(MODEL, 3);
    assertThat(Files.readString(folder.archive())).isEqualTo("archive");
    assertThat(folder.endpoints().json()).isEqualTo(endpoints().json());
    assertThat(folder.size()).isEqualTo(7 + endpoints().bytes().length);
  }

  @Test
  void whatIsStagedIsNoVersion() {
    VersionFolder staged = staged("archive");
    assertThat(store.models()).isEmpty();
    store.staging(MODEL).discard(staged);
    assertThat(staged.path()).doesNotExist();
  }

  @Test
  void ofTwoWritersOneWins() throws Exception {
    for (long version = 1; version <= 50; version++) {
      long number = version;
      Callable<Boolean> write =
          () -> {
            try {
              new DirectoryStore(root).commit(staged("archive"), MODEL, number);
              return true;
            } catch (AlphornException e) {
              assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
              return false;
            }
          };
      try (ExecutorService writers = Executors.newFixedThreadPool(2)) {
        List<Future<Boolean>> wins = writers.invokeAll(List.of(write, write));
        assertThat(wins.get(0).get()).isNotEqualTo(wins.get(1).get());
      }
    }
  }

  @Test
  void aDeletedVersionIsGoneAndSoIsItsModel() {
    store.commit(staged("archive"), MODEL, 1);
    store.delete(MODEL, 1);
    assertThat(store.models()).isEmpty();
    assertThat(root.resolve(MODEL)).doesNotExist();
    assertThat(store.folder(MODEL, 1).files()).isEmpty();
  }

  @Test
  void aFingerprintChangesWithTheFiles() throws IOException {
    store.commit(staged("archive"), MODEL, 1);
    String before = store.fingerprint(MODEL, 1);
    assertThat(store.fingerprint(MODEL, 1)).isEqualTo(before);
    Files.writeString(root.resolve(MODEL).resolve("1").resolve("more"), "more");
    assertThat(store.fingerprint(MODEL, 1)).isNotEqualTo(before);
  }

  @Test
  void endpointsAreReplaced() {
    store.commit(staged("archive"), MODEL, 1);
    store.putEndpoints(MODEL, 1, EndpointDocument.empty());
    assertThat(store.folder(MODEL, 1).endpoints().isEmpty()).isTrue();
    store.putEndpoints(MODEL, 1, endpoints());
    assertThat(store.folder(MODEL, 1).endpoints().json()).isEqualTo(endpoints().json());
  }

  @Test
  void settingsLieBesideTheVersions() {
    store.commit(staged("archive"), MODEL, 1);
    assertThat(store.settings(MODEL)).isEmpty();
    store.putSettings(MODEL, "{}".getBytes(UTF_8));
    assertThat(store.settings(MODEL)).hasValue("{}".getBytes(UTF_8));
    assertThat(store.versions(MODEL)).containsExactly(1L);
    store.deleteSettings(MODEL);
    assertThat(store.settings(MODEL)).isEmpty();
  }

  @Test
  void tooMuchIsRefusedAndLeavesNothing() throws IOException {
    assertThatExceptionOfType(AlphornException.class)
        .isThrownBy(() -> staged("x".repeat(1001)))
        .returns(ErrorCode.RESOURCE_EXHAUSTED, AlphornException::code);
    try (var left = Files.list(root.resolve(".staging"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aStartClearsWhatWasUnderWay() {
    VersionFolder staged = staged("archive");
    DirectoryStore restarted = new DirectoryStore(root);
    restarted.clean();
    assertThat(staged.path()).doesNotExist();
  }
}
