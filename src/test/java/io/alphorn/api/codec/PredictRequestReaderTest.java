package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.runtime.BufferPool;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules and texts are those of TensorFlow Serving's {@code json_tensor.cc} and its test. */
class PredictRequestReaderTest {
  private static final JsonLimits LIMITS = new JsonLimits(16, 1000);
  private static final TensorSpec X = spec("x", DType.FLOAT32, 2);
  private static final TensorSpec IDS = spec("ids", DType.INT32);
  private static final TensorSpec TEXT = spec("text", DType.STRING);

  private static TensorSpec spec(String name, DType dtype, long... row) {
    return new TensorSpec(name, dtype, Shape.of(Dim.symbolic("batch")).concat(Shape.of(row)));
  }

  private static PredictRequest read(String json, TensorSpec... specs) {
    return read(json, name -> List.of(specs));
  }

  private static PredictRequest read(String json, Function<String, List<TensorSpec>> signatures) {
    return PredictRequestReader.read(json.getBytes(UTF_8), signatures, LIMITS, BufferSource.FRESH);
  }

  private static Tensor only(PredictRequest request) {
    assertThat(request.inputs()).hasSize(1);
    return request.inputs().getFirst();
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.bytes().asFloatBuffer().get(values);
    return values;
  }

  private static int[] ints(Tensor tensor) {
    int[] values = new int[(int) tensor.size()];
    tensor.bytes().asIntBuffer().get(values);
    return values;
  }

  private static List<String> texts(Tensor tensor) {
    return java.util.Arrays.stream(tensor.strings()).map(text -> new String(text, UTF_8)).toList();
  }

  private static void refuses(String json, String message, TensorSpec... specs) {
    assertThatThrownBy(() -> read(json, specs))
        .isInstanceOfSatisfying(
            AlphornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  @Test
  void rowsOfTheOnlyInput() {
    PredictRequest request = read("{\"instances\": [[1, 2.5], [-3e-2, 4]]}", X);

    assertThat(request.byRow()).isTrue();
    assertThat(request.signature()).isEmpty();
    assertThat(only(request).shape()).containsExactly(2, 2);
    assertThat(only(request).bytes().isDirect()).isTrue();
    assertThat(floats(only(request))).containsExactly(1f, 2.5f, -0.03f, 4f);
  }

  @Test
  void rowsOfScalars() {
    Tensor ids = only(read("{\"instances\": [7, -8, 9]}", IDS));

    assertThat(ids.shape()).containsExactly(3);
    assertThat(ints(ids)).containsExactly(7, -8, 9);
  }

  @Test
  void rowsByName() {
    PredictRequest request =
        read("{\"instances\": [{\"x\": [1, 2], \"ids\": 3}, {\"ids\": 6, \"x\": [4, 5]}]}", X, IDS);

    assertThat(floats(request.inputs().get(0))).containsExactly(1f, 2f, 4f, 5f);
    assertThat(ints(request.inputs().get(1))).containsExactly(3, 6);
  }

  @Test
  void columnsOfTheOnlyInput() {
    PredictRequest request = read("{\"inputs\": [[1, 2]]}", X);

    assertThat(request.byRow()).isFalse();
    assertThat(only(request).shape()).containsExactly(1, 2);
  }

  @Test
  void columnsByNamePassOverNamesThatTheSignatureHasNot() {
    PredictRequest request =
        read("{\"inputs\": {\"more\": [[{}]], \"ids\": [3], \"x\": [[1, 2]]}}", X, IDS);

    assertThat(floats(request.inputs().get(0))).containsExactly(1f, 2f);
    assertThat(ints(request.inputs().get(1))).containsExactly(3);
  }

  @Test
  void aColumnMayBeAScalar() {
    assertThat(only(read("{\"inputs\": 5}", IDS)).shape()).isEmpty();
  }

  @Test
  void emptyListsAreEmptyTensors() {
    assertThat(only(read("{\"inputs\": []}", IDS)).shape()).containsExactly(0);
    assertThat(only(read("{\"instances\": [[], []]}", X)).shape()).containsExactly(2, 0);
    assertThat(only(read("{\"inputs\": [[[]], [[]]]}", X)).shape()).containsExactly(2, 1, 0);
  }

  @Test
  void stringsAreTextOrBase64() {
    Tensor text =
        only(read("{\"instances\": [\"h\\u00e4\", {\"b64\": \"aGVsbG8=\"}, \"\"]}", TEXT));

    assertThat(texts(text)).containsExactly("hä", "hello", "");
    assertThat(texts(only(read("{\"inputs\": {\"b64\": \"aGVsbG8=\"}}", TEXT))))
        .containsExactly("hello");
    assertThat(texts(only(read("{\"inputs\": [{\"b64\": \"/w==\"}]}", TEXT)))).hasSize(1);
  }

  @Test
  void theSignatureMayStandBehindTheTensors() {
    Function<String, List<TensorSpec>> signatures =
        name -> name.equals("ids") ? List.of(IDS) : List.of(X);

    PredictRequest before = read("{\"signature_name\": \"ids\", \"instances\": [1]}", signatures);
    PredictRequest behind = read("{\"instances\": [1], \"signature_name\": \"ids\"}", signatures);
    PredictRequest unfit =
        read("{\"inputs\": {\"ids\": [1]}, \"signature_name\": \"ids\"}", signatures);

    for (PredictRequest request : List.of(before, behind, unfit)) {
      assertThat(request.signature()).isEqualTo("ids");
      assertThat(ints(only(request))).containsExactly(1);
    }
  }

  @Test
  void whatStandsBehindTheDocumentIsPassedOver() {
    assertThat(only(read("{\"instances\": [1]} and more", IDS)).shape()).containsExactly(1);
  }

  @Test
  void floatsTakeWhatIsNoNumber() {
    float[] values = floats(only(read("{\"instances\": [[NaN, Infinity], [-Infinity, 0]]}", X)));

    assertThat(values)
        .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"FLOAT16", "BFLOAT16", "UINT16", "COMPLEX64", "COMPLEX128", "STRING"},
      mode = EnumSource.Mode.EXCLUDE)
  void everyTypeTakesItsOwnValues(DType dtype) {
    String value = dtype == DType.BOOL ? "true" : "1";

    Tensor tensor = only(read("{\"instances\": [" + value + "]}", spec("x", dtype)));

    assertThat(tensor.dtype()).isEqualTo(dtype);
    assertThat(io.alphorn.tensor.Casts.realAt(tensor.bytes(), dtype, 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16", "UINT16", "COMPLEX64", "COMPLEX128"})
  void typesWithoutAFormInJson(DType dtype) {
    for (String body : List.of("{\"instances\": [1]}", "{\"inputs\": [1]}")) {
      assertThatThrownBy(() -> read(body, spec("x", dtype)))
          .isInstanceOfSatisfying(
              AlphornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNIMPLEMENTED))
          .hasMessageContaining("Conversion of JSON Value: 1 to type: ");
    }
  }

  @Test
  void integersAreFloatsBeTheyRounded() {
    assertThat(floats(only(read("{\"instances\": [[16777217, 123456789012345678901]]}", X))))
        .containsExactly(16777216f, 123456789012345678901f);
  }

  @Test
  void unsigned64BitsAreAllThere() {
    Tensor tensor = only(read("{\"instances\": [18446744073709551615]}", spec("x", DType.UINT64)));

    assertThat(tensor.bytes().getLong()).isEqualTo(-1L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT32 | 1.0 | JSON Value: 1.0 Type: Number is not of expected type: int32",
        "INT32 | 2147483648 | JSON Value: 2147483648 Type: Number is not of expected type: int32",
        "INT32 | true | JSON Value: true Type: True is not of expected type: int32",
        "UINT8 | 256 | Type: Number is not of expected type: uint8",
        "UINT8 | -1 | Type: Number is not of expected type: uint8",
        "INT64 | 9223372036854775808 | Type: Number is not of expected type: int64",
        "UINT64 | -1 | Type: Number is not of expected type: uint64",
        "UINT64 | 18446744073709551616 | Type: Number is not of expected type: uint64",
        "BOOL | 1 | JSON Value: 1 Type: Number is not of expected type: bool",
        "FLOAT32 | \"1\" | JSON Value: \"1\" Type: String is not of expected type: float",
        "FLOAT32 | null | JSON Value: null Type: Null is not of expected type: float",
        "FLOAT32 | 1e39 | JSON Value: 1e39 is beyond the range of type: float",
        "FLOAT64 | 1e400 | JSON Value: 1e400 is beyond the range of type: double",
        "STRING | 1 | JSON Value: 1 Type: Number is not of expected type: string",
      })
  void valuesThatATypeDoesNotTake(DType dtype, String value, String message) {
    refuses("{\"instances\": [" + value + "]}", message, spec("x", dtype));
  }

  @Test
  void base64IsForStrings() {
    refuses("{\"inputs\": {\"b64\": \"aGk=\"}}", "Type: Object is not of expected type: float", X);
    refuses("{\"inputs\": [{\"b64\": \"*\"}]}", "Unable to base64 decode", TEXT);
    refuses(
        "{\"inputs\": [{\"b64\": \"aGk=\", \"x\": 1}]}",
        "not formatted correctly for base64 data",
        TEXT);
    refuses("{\"inputs\": [{\"b65\": \"aGk=\"}]}", "not formatted correctly for base64", TEXT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[[1, 2], [3]] | Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT:"
            + " Encountered list at unexpected size: 1 at level: 0 expected size: 2",
        "[[[1, 2], [3]]] | Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        "[[[1, 2], [3]]] | (input 'x', at [1])",
        "[[1, 2], 3] | Failed to process element: 1 of 'instances' list.",
        "[[1, [2]]] | Encountered list at unexpected level: 1 expected < 1",
        "[[[1], 2]] | JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level:"
            + " 2",
        "[[[1], 2]] | (input 'x', at [1])",
        "[[], [1]] | unexpected size: 1 at level: 0 expected size: 0",
      })
  void raggedListsAreRefusedWithTheirPlace(String instances, String message) {
    refuses("{\"instances\": " + instances + "}", message, X);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "^^ | JSON Parse error: The document is empty",
        "^ ^ | JSON Parse error: The document is empty",
        "{\"instances\": [ | at offset: 15",
        "{\"instances\": [1,]} | at offset: 17",
        "{\"instances\": [1] | JSON Parse error: ",
        "[1] | JSON Value: [1] Is not object",
        "{} | Missing 'inputs' or 'instances' key",
        "{\"instances\": 1} | JSON Value: {\"instances\": 1} Expecting 'instances' to be an"
            + " list/array",
        "{\"instances\": []} | JSON Value: {\"instances\": []} No values in 'instances' array",
        "{\"instances\": [1], \"inputs\": [1]} | expecting only one of 'inputs' or 'instances' keys"
            + " to exist",
        "{\"inputs\": [1], \"instances\": [1]} | expecting only one of 'inputs' or 'instances' keys"
            + " to exist",
        "{\"signature_name\": 1, \"instances\": [1]} | 'signature_name' key must be a string"
            + " value.",
        "{\"instances\": [1, {\"ids\": 1}]} | Expecting value/list but got object at item 1 of"
            + " input list",
        "{\"instances\": [{\"ids\": 1}, 2]} | Expecting object but got list at item 1 of input"
            + " list",
        "{\"instances\": [{\"ids\": 1, \"more\": 2}]} | Failed to process element: 0 key: more of"
            + " 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input:"
            + " more",
        "{\"instances\": [{\"ids\": 1}, {}]} | Failed to process element: 1 of 'instances' list."
            + " JSON object: {} keys must be equal to: ids",
        "{\"instances\": [{\"ids\": 1, \"ids\": 2}]} | input 'ids' is named twice in one object",
        "{\"inputs\": {\"more\": 1}} | Missing named input: ids in 'inputs' object.",
      })
  void bodiesThatAreNoRequest(String body, String message) {
    refuses(body == null ? "" : body, message, IDS);
  }

  @Test
  void severalInputsNeedNames() {
    refuses(
        "{\"instances\": [[1, 2]]}",
        "instances is a plain list, but expecting list of objects as multiple input tensors"
            + " required as per tensorinfo_map",
        X,
        IDS);
    refuses(
        "{\"inputs\": [[1, 2]]}",
        "inputs is a plain value/list, but expecting an object as multiple input tensors required"
            + " as per tensorinfo_map",
        X,
        IDS);
    refuses("{\"instances\": [{\"x\": [1, 2]}]}", "keys must be equal to: ids,x", X, IDS);
  }

  @Test
  void nestingHasALimit() {
    refuses("{\"instances\": [" + "[".repeat(100_000), "nested deeper than 16", X);
    refuses("{\"more\": " + "[".repeat(100_000), "JSON Parse error: ", X);
  }

  @Test
  void elementsHaveALimit() {
    String many = IntStream.range(0, 1001).mapToObj(i -> "1").collect(Collectors.joining(","));

    assertThatThrownBy(() -> read("{\"inputs\": [" + many + "]}", IDS))
        .isInstanceOfSatisfying(
            AlphornException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
  }

  @Test
  void buffersGrowAsRowsCome() {
    String rows =
        IntStream.range(0, 500)
            .mapToObj(i -> "[" + i + "," + -i + "]")
            .collect(Collectors.joining(","));
    try (BufferPool.Lease memory = new BufferPool(1 << 20).lease()) {
      PredictRequest request =
          PredictRequestReader.read(
              ("{\"instances\": [" + rows + "]}").getBytes(UTF_8),
              name -> List.of(X),
              LIMITS,
              memory);

      float[] values = floats(only(request));
      assertThat(values).hasSize(1000);
      for (int i = 0; i < 500; i++) {
        assertThat(values[2 * i]).isEqualTo(i);
        assertThat(values[2 * i + 1]).isEqualTo(-i);
      }
    }
  }
}
