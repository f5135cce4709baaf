package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsTest {
  private static final long[] SCALAR = {};

  @Test
  void writesLengthHeaderAndElementsWithoutGaps() throws IOException {
    Tensor half = Tensor.of(DType.BFLOAT16, new long[] {1}, bytes(0x80, 0x3F));
    Safetensors file =
        Safetensors.of(
            List.of(
                NamedTensor.of("dense/kernel", Tensor.ofFloats(new long[] {1, 2}, 1, -2)),
                NamedTensor.of("half", half),
                NamedTensor.of("count", Tensor.ofLongs(SCALAR, 7))),
            Map.of("model", "wine"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    file.write(out);

    ByteBuffer written = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(written.remaining()).isEqualTo((int) file.length());
    byte[] header = new byte[(int) written.getLong()];
    assertThat(header.length % 8).isZero();
    written.get(header);
    assertThat(new String(header, UTF_8).stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"model\":\"wine\"},"
                + "\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                + "\"half\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[8,10]},"
                + "\"count\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[10,18]}}");
    assertThat(written.getFloat()).isEqualTo(1);
    assertThat(written.getFloat()).isEqualTo(-2);
    assertThat(written.getShort()).isEqualTo((short) 0x3F80);
    assertThat(written.getLong()).isEqualTo(7);
  }

  @Test
  void refusesTypesThatTheFormatLacks() {
    Tensor text = Tensor.ofStrings(SCALAR, List.of("a"));
    assertThatThrownBy(() -> Safetensors.of(List.of(NamedTensor.of("words", text)), Map.of()))
        .hasMessage("'words': safetensors has no elements of type string");
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }
}
