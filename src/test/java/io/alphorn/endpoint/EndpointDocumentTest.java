package io.alphorn.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.error.AlphornException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointDocumentTest {
  private static EndpointDocument read(String json) {
    return EndpointDocument.read(json.replace('\'', '"').getBytes(UTF_8));
  }

  private static List<String> names(EndpointDocument document) {
    return document.endpoints().stream().map(EndpointSpec::name).toList();
  }

  @Test
  void serveComesFirstUnlessTheDocumentHasIt() {
    assertThat(names(EndpointDocument.empty())).containsExactly("serve");
    assertThat(names(read("{'endpoints': [{'name': 'a'}, {'name': 'b'}]}")))
        .containsExactly("serve", "a", "b");
    assertThat(names(read("{'endpoints': [{'name': 'a'}, {'name': 'serve'}]}")))
        .containsExactly("a", "serve");
  }

  @Test
  void anEndpointIsReadWithAllItsKeys() {
    EndpointSpec spec =
        read("""
            {'endpoints': [{
              'name': 'classify',
              'target': 'encoder',
              'inputs': ['x', {'name': 'y', 'shape': [null, 3, -1], 'dtype': 'float16'}],
              'outputs': ['dense', {'layer': 'logits', 'call': 1, 'index': 2, 'names': ['a', 'b'],
                'steps': ['softmax', {'op': 'top_k', 'k': 5}], 'labels': ['cat', 'dog']}],
              'training': 'recorded'}]}""")
            .endpoints()
            .getLast();
    assertThat(spec.target()).contains("encoder");
    assertThat(spec.inputs()).extracting(InputSpec::name).containsExactly("x", "y");
    assertThat(spec.inputs().getLast().shape()).contains(List.of(-1L, 3L, -1L));
    OutputSpec output = spec.outputs().getLast();
    assertThat(output.layer()).contains("logits");
    assertThat(output.call()).contains(1);
    assertThat(output.index()).contains(2);
    assertThat(output.names()).containsExactly("a", "b");
    assertThat(output.labels()).containsExactly("cat", "dog");
    assertThat(output.steps()).extracting(StepSpec::operation).containsExactly("softmax", "top_k");
    assertThat(output.steps().getLast().arguments().path("k").intValue()).isEqualTo(5);
    assertThat(spec.training()).isEqualTo(TrainingMode.RECORDED);
  }

  @Test
  void puttingReplacesInPlaceAndTakingAwayLeavesTheRest() {
    EndpointDocument document = read("{'endpoints': [{'name': 'a'}, {'name': 'b'}]}");
    EndpointDocument changed = document.with("a", "{\"target\": \"encoder\"}".getBytes(UTF_8));
    assertThat(names(changed)).containsExactly("serve", "a", "b");
    assertThat(changed.endpoints().get(1).target()).contains("encoder");
    assertThat(names(changed.with("c", "{}".getBytes(UTF_8))))
        .containsExactly("serve", "a", "b", "c");
    assertThat(names(changed.without("a"))).containsExactly("serve", "b");
    assertThat(changed.without("a").without("b").isEmpty()).isTrue();
    assertThat(names(document)).as("the document itself").containsExactly("serve", "a", "b");
  }

  @Test
  void whatIsWrittenReadsTheSame() {
    EndpointDocument document = read("{'endpoints': [{'name': 'a', 'outputs': ['dense']}]}");
    assertThat(EndpointDocument.read(document.bytes()).json()).isEqualTo(document.json());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                         | $: expected an object",
        "{}                                                         | $: expected an object",
        "{'endpoints': [                                            | endpoints.json: not JSON",
        "{'endpoints': {}}                                          | $.endpoints: expected a list",
        "{'endpoints': []}                                          | $.endpoints: expected a list",
        "{'others': []}                                             | $.others: unknown key",
        "{'endpoints': [1]}                                         | $.endpoints[0]: expected an object",
        "{'endpoints': [{}]}                                        | $.endpoints[0]: 'name' is missing",
        "{'endpoints': [{'name': 'a/b'}]}                           | $.endpoints[0].name: 'a/b' is no legal name",
        "{'endpoints': [{'name': 'a'}, {'name': 'a'}]}              | Endpoint name 'a' is already taken.",
        "{'endpoints': [{'name': 'a', 'name': 'b'}]}                | Duplicate field 'name'",
        "{'endpoints': [{'name': 'a', 'training': 1}]}              | $.endpoints[0].training: expected true, false or",
        "{'endpoints': [{'name': 'a', 'training': 'yes'}]}          | $.endpoints[0].training: expected true, false or",
        "{'endpoints': [{'name': 'a', 'outputs': [{'call': -1}]}]}  | $.endpoints[0].outputs[0].call: expected a number",
        "{'endpoints': [{'name': 'a', 'outputs': [{'name': 'x', 'names': ['y']}]}]} | has 'name' and 'names'",
        "{'endpoints': [{'name': 'a', 'outputs': [{'steps': [{'k': 1}]}]}]} | $.endpoints[0].outputs[0].steps[0].op",
      })
  void aMistakeIsNamedWithItsPlace(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining(message);
  }
}
