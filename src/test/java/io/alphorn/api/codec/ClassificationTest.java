package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The strings are those of Triton's classification extension. */
class ClassificationTest {
  private static List<String> texts(Tensor classes) {
    return Arrays.stream(classes.strings()).map(text -> new String(text, UTF_8)).toList();
  }

  @Test
  void namesTheGreatestOfEachRow() {
    Tensor classes =
        Classification.of("y", Tensor.ofFloats(new long[] {2, 3}, 0.1f, 0.7f, 0.2f, 3, -1, 2), 2);
    assertThat(classes.shape()).containsExactly(2, 2);
    assertThat(texts(classes))
        .containsExactly("0.700000:1", "0.200000:2", "3.000000:0", "2.000000:2");
  }

  @Test
  void namesAllWhereMoreAreAskedFor() {
    Tensor classes = Classification.of("y", Tensor.ofInts(new long[] {1, 2}, -3, 5), 10);
    assertThat(texts(classes)).containsExactly("5:1", "-3:0");
  }

  @Test
  void ofEqualElementsTheFirstIsTheGreater() {
    Tensor scores = Tensor.ofFloats(new long[] {1, 4}, 0.0f, -0.0f, Float.NaN, 0.0f);
    assertThat(texts(Classification.of("y", scores, 4)))
        .containsExactly("0.000000:0", "-0.000000:1", "0.000000:3", "nan:2");
  }

  @Test
  void unsignedIntegersKeepTheirOrder() {
    ByteBuffer bytes = Tensor.allocate(DType.UINT64, 1, 2).putLong(5).putLong(-1).flip();
    Tensor scores = Tensor.of(DType.UINT64, new long[] {1, 2}, bytes);
    assertThat(texts(Classification.of("y", scores, 2)))
        .containsExactly("18446744073709551615:1", "5:0");
  }

  @Test
  void textHasNoClasses() {
    Tensor text = Tensor.ofStrings(new long[] {1}, List.of("a"));
    assertThatThrownBy(() -> Classification.of("y", text, 1)).hasMessageContaining("'BYTES'");
  }
}
