package io.alphorn.registry.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings as JSON, and the places of mistakes in it. */
class SettingsDocumentTest {
  private static ModelSettings read(String json) {
    return SettingsDocument.read(json.getBytes(UTF_8));
  }

  @Test
  void readsAllThatCanBeSet() {
    ModelSettings settings =
        read(
            """
            {"model_version_policy": {"specific": {"versions": [1, "3"]}},
             "version_labels": {"stable": 1, "canary": {"1": 0.9, "3": 0.1}},
             "default_route": "3"}
            """);
    assertThat(settings.policy())
        .contains(new VersionPolicy.Specific(new TreeSet<>(List.of(1L, 3L))));
    assertThat(settings.labels())
        .containsEntry("stable", Route.to(1))
        .containsEntry("canary", new Route(new TreeMap<>(Map.of(1L, 0.9, 3L, 0.1))));
    assertThat(settings.defaultRoute()).contains(Route.to(3));
    assertThat(settings.named()).containsExactlyInAnyOrder(1L, 3L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"model_version_policy\": {\"latest\": {\"num_versions\": 2}}}",
        "{\"model_version_policy\": {\"all\": {}}, \"default_route\": 4}",
        "{\"version_labels\": {\"a\": 1}, \"default_route\": {\"1\": 3, \"2\": 1}}"
      })
  void whatIsWrittenReadsTheSame(String json) {
    ModelSettings settings = read(json);
    assertThat(SettingsDocument.read(SettingsDocument.bytes(settings))).isEqualTo(settings);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                                        | $: expected an object
          {"labels": {}}                                            | $.labels: unknown key
          {"model_version_policy": {}}                              | $.model_version_policy: expected one
          {"model_version_policy": {"latest": {"num_versions": 0}}} | $.model_version_policy.latest.num_versions: expected
          {"model_version_policy": {"specific": {}}}                | $.model_version_policy.specific.versions: expected
          {"model_version_policy": {"specific": {"versions": [1.5]}}} | $.model_version_policy.specific.versions[0]: expected
          {"version_labels": {"a/b": 1}}                            | $.version_labels: a label
          {"version_labels": {"canary": {"1": -1}}}                 | $.version_labels.canary.1: expected a weight above 0
          {"version_labels": {"canary": {}}}                        | $.version_labels.canary: expected a version
          {"default_route": "newest"}                               | $.default_route: expected the number
          {"default_route": 1, "default_route": 2}                  | $: not JSON
          """)
  void aMistakeIsNamedByItsPlace(String json, String message) {
    assertThatExceptionOfType(AlphornException.class)
        .isThrownBy(() -> read(json))
        .withMessageContaining(message)
        .returns(ErrorCode.INVALID_ARGUMENT, AlphornException::code);
  }

  @Test
  void aPatchChangesWhatItNames() {
    ModelSettings before = read("{\"version_labels\": {\"a\": 1, \"b\": 2}, \"default_route\": 1}");
    byte[] patch =
        "{\"version_labels\": {\"a\": null, \"c\": 3}, \"default_route\": null}".getBytes(UTF_8);
    assertThat(SettingsDocument.patch(before, patch))
        .isEqualTo(read("{\"version_labels\": {\"b\": 2, \"c\": 3}}"));
  }
}
