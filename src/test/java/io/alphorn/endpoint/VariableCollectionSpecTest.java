package io.alphorn.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariableCollectionSpecTest {
  private static final String PLACE = "$.variable_collections";
  private static final List<String> LAYERS = List.of("encoder", "mha", "dense");
  private static final List<String> VARIABLES =
      List.of(
          "encoder/dense/kernel",
          "encoder/dense/bias",
          "encoder/inner/dense/kernel",
          "mha/query/kernel",
          "mha/query/bias",
          "dense/kernel");

  @Test
  void keepsTheOrderOfTheDocumentAndEachVariableOnce() {
    assertThat(resolve("{'name': 'a', 'variables': ['dense/kernel', 'mha/query/bias']}"))
        .containsExactly("dense/kernel", "mha/query/bias");
    assertThat(resolve("{'pattern': '*/*/bias', 'layers': ['encoder'], 'name': 'a'}"))
        .containsExactly(
            "encoder/dense/bias",
            "mha/query/bias",
            "encoder/dense/kernel",
            "encoder/inner/dense/kernel");
  }

  @ParameterizedTest
  @CsvSource({
    "*/kernel, dense/kernel",
    "encoder/*/kernel, encoder/dense/kernel",
    "encoder/**/kernel, encoder/dense/kernel encoder/inner/dense/kernel",
    "**/kernel, encoder/dense/kernel encoder/inner/dense/kernel mha/query/kernel dense/kernel",
    "mha/**, mha/query/kernel mha/query/bias",
    "mha/query/b??s, mha/query/bias",
    "?ense/k*, dense/kernel",
  })
  void matchesPatternsNameByName(String pattern, String expected) {
    assertThat(resolve("{'name': 'a', 'pattern': '%s'}".formatted(pattern)))
        .containsExactly(expected.split(" "));
  }

  @Test
  void takesLayersByPath() {
    assertThat(resolve("{'name': 'a', 'layers': ['encoder/inner']}"))
        .containsExactly("encoder/inner/dense/kernel");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'variables': ['dense/kernel']} | $.variable_collections[0]: 'name' is missing",
        "{'name': 'a'} | $.variable_collections[0]: the collection is empty",
        "{'name': 'a', 'variables': []} | $.variable_collections[0].variables: expected a list",
        "{'name': 'a', 'variables': ['dense/kernel', 1]} | $.variable_collections[0].variables[1]: "
            + "expected a string",
        "{'name': 'a', 'variables': ['dense/kernel', 'x']} "
            + "| $.variable_collections[0].variables[1]: the model has no variable 'x'",
        "{'name': 'a', 'layers': ['dens']} "
            + "| $.variable_collections[0].layers[0]: the model has no layer 'dens'",
        "{'name': 'a', 'pattern': 'x/*'} "
            + "| $.variable_collections[0].pattern: the model has no variable whose path matches",
        "{'name': 'a', 'paths': ['x']} | $.variable_collections[0].paths: unknown key",
        "{'name': 'all', 'layers': ['mha']} | $.variable_collections[0].name: 'all' is a"
            + " collection",
        "{'name': 'mha', 'layers': ['mha']} "
            + "| $.variable_collections[0].name: 'mha' is already taken by the layer",
        "{'name': 'a/b', 'layers': ['mha']} | $.variable_collections[0].name: expected a letter",
        "[] | $.variable_collections[0]: expected an object",
      })
  void namesThePlaceOfAMistake(String json, String message) {
    assertThatThrownBy(() -> resolve(json)).hasMessageStartingWith(message.strip());
  }

  @Test
  void refusesTheNameOfAnotherCollection() {
    String one = "{'name': 'a', 'layers': ['mha']}";
    assertThatThrownBy(
            () -> VariableCollectionSpec.parseAll(json("[%s, %s]".formatted(one, one)), PLACE))
        .hasMessage(
            "$.variable_collections[1].name: 'a' is already taken by $.variable_collections[0]");
  }

  private static List<String> resolve(String json) {
    return VariableCollectionSpec.parse(json(json), PLACE + "[0]").resolve(VARIABLES, LAYERS);
  }

  private static JsonNode json(String json) {
    try {
      return new ObjectMapper().readTree(json.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
