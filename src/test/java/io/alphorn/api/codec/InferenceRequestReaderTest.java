package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.runtime.BufferSource;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules are those of the Open Inference Protocol and of Triton's binary tensor data extension. */
class InferenceRequestReaderTest {
  private static final JsonLimits LIMITS = new JsonLimits(16, 1000);
  private static final TensorSpec X = spec("x", DType.FLOAT32, 2);
  private static final TensorSpec IDS = spec("ids", DType.INT32);
  private static final TensorSpec TEXT = spec("text", DType.STRING);
  private static final TensorSpec Y = spec("y", DType.FLOAT32, 2);
  private static final TensorSpec Z = spec("z", DType.FLOAT32, 2);

  private static TensorSpec spec(String name, DType dtype, long... row) {
    return new TensorSpec(name, dtype, Shape.of(Dim.symbolic("batch")).concat(Shape.of(row)));
  }

  private static InferenceSignature signature(TensorSpec... inputs) {
    return new InferenceSignature("model", List.of(inputs), List.of(Y, Z));
  }

  private static InferenceRequest read(String json, TensorSpec... inputs) {
    return read(json, new byte[0], inputs);
  }

  private static InferenceRequest read(String json, byte[] binary, TensorSpec... inputs) {
    return InferenceRequestReader.read(
        json.replace('\'', '"').getBytes(UTF_8),
        ByteBuffer.wrap(binary),
        signature(inputs),
        LIMITS,
        BufferSource.FRESH);
  }

  private static String x(String rest) {
    return "{'inputs': [{'name': 'x', 'shape': [2, 2], 'datatype': 'FP32', " + rest + "}]}";
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.bytes().asFloatBuffer().get(values);
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[[1.5, 2], [-3, 4e2]]", "[1.5, 2, -3, 4e2]", " [ [ 1.5,2 ], [-3,400.0] ] "})
  void readsDataFlatOrNested(String data) {
    Tensor tensor = read(x("'data': " + data), X).inputs().getFirst();
    assertThat(tensor.shape()).containsExactly(2, 2);
    assertThat(floats(tensor)).containsExactly(1.5f, 2, -3, 400);
  }

  @Test
  void readsDataThatStandsBeforeItsDescription() {
    InferenceRequest request =
        read(
            "{'outputs': [{'name': 'z'}], 'inputs': [{'data': [1, 2, 3, 4], 'shape': [2, 2],"
                + " 'datatype': 'FP32', 'name': 'x'}], 'id': 'a'}",
            X);
    assertThat(floats(request.inputs().getFirst())).containsExactly(1, 2, 3, 4);
    assertThat(request.outputs()).containsExactly(new RequestedOutput(1, false, 0));
    assertThat(request.id()).isEqualTo("a");
  }

  @Test
  void putsInputsIntoTheOrderOfTheSignature() {
    InferenceRequest request =
        read(
            "{'inputs': [{'name': 'text', 'shape': [1], 'datatype': 'BYTES', 'data': ['é']},"
                + " {'name': 'ids', 'shape': [1], 'datatype': 'INT32', 'data': [7]}]}",
            IDS,
            TEXT);
    assertThat(request.inputs()).map(Tensor::dtype).containsExactly(DType.INT32, DType.STRING);
    assertThat(request.inputs().get(1).strings()[0]).isEqualTo("é".getBytes(UTF_8));
  }

  @Test
  void readsRawTensorsInTheOrderOfTheJson() {
    ByteBuffer binary = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    binary.putInt(2).put((byte) 'h').put((byte) 0xFF).putInt(-5);
    InferenceRequest request =
        read(
            "{'inputs': [{'name': 'text', 'shape': [1], 'datatype': 'BYTES', 'parameters':"
                + " {'binary_data_size': 6}}, {'name': 'ids', 'shape': [1], 'datatype': 'INT32',"
                + " 'parameters': {'binary_data_size': 4}}]}",
            binary.array(),
            IDS,
            TEXT);
    assertThat(request.inputs().get(0).bytes().getInt()).isEqualTo(-5);
    assertThat(request.inputs().get(1).strings()[0]).containsExactly('h', 0xFF);
  }

  @Test
  void anOutputsOwnWishGoesBeforeTheRequests() {
    InferenceRequest request =
        read(
            x(
                "'data': [1, 2, 3, 4]}], 'parameters': {'binary_data_output': true}, 'outputs':"
                    + " [{'name': 'y', 'parameters': {'binary_data': false, 'classification': 3}},"
                    + " {'name': 'z'"),
            X);
    assertThat(request.outputs())
        .containsExactly(new RequestedOutput(0, false, 3), new RequestedOutput(1, true, 0));
  }

  @Test
  void takesMemoryOnlyForWhatHasCome() {
    JsonLimits large = new JsonLimits(16, 1 << 30);
    byte[] body =
        "{\"inputs\": [{\"name\": \"x\", \"shape\": [500000000, 2], \"datatype\": \"FP32\", \"data\": []}]}"
            .getBytes(UTF_8);
    BufferSource none =
        bytes -> {
          throw new AssertionError("took " + bytes + " bytes");
        };
    assertThatThrownBy(
            () ->
                InferenceRequestReader.read(
                    body, ByteBuffer.allocate(0), signature(X), large, none))
        .isInstanceOf(AlphornException.class)
        .hasMessageContaining("needs 1000000000 elements");
  }

  @Test
  void aLimitOnElementsIsALimitOfTheServer() {
    assertThatThrownBy(
            () ->
                read(
                    "{'inputs': [{'name': 'x', 'shape': [1000, 2], 'datatype': 'FP32', 'data':"
                        + " []}]}",
                    X))
        .isInstanceOfSatisfying(
            AlphornException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 5"})
  void aRawRequestTellsOneOpenSize(long rows, long columns) {
    TensorSpec open =
        new TensorSpec(
            "x",
            DType.FLOAT32,
            Shape.of(Dim.symbolic("batch"), Dim.of(rows), Dim.symbolic("columns")));
    ByteBuffer body = ByteBuffer.allocate((int) (Float.BYTES * rows * columns));
    InferenceRequest request =
        InferenceRequestReader.readRaw(body, signature(open), LIMITS, BufferSource.FRESH);
    assertThat(request.inputs().getFirst().shape()).containsExactly(1, rows, columns);
    assertThat(request.outputs()).allMatch(RequestedOutput::binary);
  }

  @Test
  void aRawRequestOfTextIsOneString() {
    InferenceRequest request =
        InferenceRequestReader.readRaw(
            ByteBuffer.wrap("some text".getBytes(UTF_8)),
            signature(TEXT),
            LIMITS,
            BufferSource.FRESH);
    assertThat(request.inputs().getFirst().shape()).containsExactly(1);
    assertThat(request.inputs().getFirst().strings()[0]).isEqualTo("some text".getBytes(UTF_8));
  }

  @Test
  void aRawRequestIsForOneInput() {
    assertThatThrownBy(
            () ->
                InferenceRequestReader.readRaw(
                    ByteBuffer.allocate(4), signature(X, IDS), LIMITS, BufferSource.FRESH))
        .hasMessageContaining("has 2");
  }
}
