package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictResponseWriterTest {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static String write(boolean byRow, String name, Tensor tensor) {
    return write(byRow, List.of(name), List.of(tensor));
  }

  private static String write(boolean byRow, List<String> names, List<Tensor> tensors) {
    List<TensorSpec> specs =
        names.stream().map(name -> new TensorSpec(name, DType.FLOAT32, Shape.SCALAR)).toList();
    return new String(PredictResponseWriter.write(byRow, specs, tensors), UTF_8);
  }

  private static Tensor pairs() {
    return Tensor.ofFloats(new long[] {2, 2}, 1, 2.5f, -3, 1e-7f);
  }

  @Test
  void rowsOfOneOutput() {
    assertThat(write(true, "y", pairs()))
        .isEqualTo("{\n    \"predictions\": [[1.0, 2.5], [-3.0, 1e-07]\n    ]\n}");
  }

  @Test
  void rowsOfSeveralOutputs() throws IOException {
    String json =
        write(true, List.of("y", "z"), List.of(pairs(), Tensor.ofLongs(new long[] {2}, 7, 8)));

    assertThat(JSON.readTree(json))
        .isEqualTo(
            JSON.readTree(
                "{\"predictions\": [{\"y\": [1.0, 2.5], \"z\": 7}, {\"y\": [-3.0, 1e-07], \"z\":"
                    + " 8}]}"));
  }

  @Test
  void columns() throws IOException {
    assertThat(write(false, "y", pairs()))
        .isEqualTo("{\n    \"outputs\": [[1.0, 2.5], [-3.0, 1e-07]]\n}");
    assertThat(write(false, "y", Tensor.ofInts(new long[0], 5))).contains("\"outputs\": 5");
    assertThat(
            JSON.readTree(
                write(false, List.of("y", "z"), List.of(pairs(), Tensor.ofInts(new long[0], 5)))))
        .isEqualTo(JSON.readTree("{\"outputs\": {\"y\": [[1.0, 2.5], [-3.0, 1e-07]], \"z\": 5}}"));
  }

  @Test
  void emptyTensorsAreEmptyLists() {
    assertThat(write(false, "y", Tensor.ofFloats(new long[] {2, 0}))).contains("[[], []]");
    assertThat(write(true, "y", Tensor.ofFloats(new long[] {0, 3}))).contains("\"predictions\": [");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-0.0, -0.0",
    "0.2, 0.2",
    "1e10, 1e+10",
    "3.4028235e38, 3.4028235e+38",
    "1.4e-45, 1.4e-45",
    "123456.79, 123456.79",
    "NaN, NaN",
    "Infinity, Infinity",
    "-Infinity, -Infinity"
  })
  void floatsAreTheShortestThatReadBack(float value, String text) {
    assertThat(write(false, "y", Tensor.ofFloats(new long[0], value)))
        .contains("\"outputs\": " + text + "\n");
  }

  @Test
  void everyFloatAndDoubleReadsBack() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      float single = Float.intBitsToFloat(random.nextInt());
      double real = Double.longBitsToDouble(random.nextLong());
      JsonNode singles = JSON.readTree(write(false, "y", Tensor.ofFloats(new long[0], single)));
      JsonNode reals = JSON.readTree(write(false, "y", Tensor.ofDoubles(new long[0], real)));
      assertThat((Float) singles.get("outputs").floatValue()).isEqualTo((Float) single);
      assertThat((Double) reals.get("outputs").doubleValue()).isEqualTo((Double) real);
    }
  }

  @Test
  void unsignedNumbersArePositive() {
    Tensor bits = Tensor.ofLongs(new long[] {1}, -1);
    Tensor unsigned = Tensor.of(DType.UINT64, bits.shape(), bits.bytes());

    assertThat(write(false, "y", unsigned)).contains("[18446744073709551615]");
  }

  @Test
  void stringsAreEscaped() throws IOException {
    String text = "a\"\\\b\f\n\r\t\u0001/ ä \uD83D\uDE00";

    String json = write(false, "y", Tensor.ofStrings(new long[] {1}, List.of(text)));

    assertThat(JSON.readTree(json).get("outputs").get(0).textValue()).isEqualTo(text);
  }

  @Test
  void bytesAreBase64() {
    Tensor text = Tensor.ofStrings(new long[] {1}, List.of("hello"));
    Tensor noText = Tensor.ofStrings(new long[] {1}, new byte[][] {{(byte) 0xFF}});

    assertThat(write(false, "y_bytes", text)).contains("[{\"b64\": \"aGVsbG8=\"}]");
    assertThat(write(false, "y", noText)).contains("[{\"b64\": \"/w==\"}]");
  }

  @Test
  void outputsThatHaveNoRowsInCommon() {
    assertThatThrownBy(() -> write(true, "y", Tensor.ofInts(new long[0], 5)))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("Tensor name: y has no shape information");
    assertThatThrownBy(
            () ->
                write(true, List.of("y", "z"), List.of(pairs(), Tensor.ofInts(new long[] {1}, 5))))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("Tensor name: z has inconsistent batch size: 1 expecting: 2");
  }
}
