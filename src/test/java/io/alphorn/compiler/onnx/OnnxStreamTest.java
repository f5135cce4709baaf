package io.alphorn.compiler.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.alphorn.Corpus;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.onnx.proto.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxStreamTest {
  @ParameterizedTest
  @ValueSource(strings = {"model_k3.12.0_autoencoder", "q_CNN_int8", "dt_bfloat16_mlp"})
  void isTheModelThatIsWrittenWhole(String name) throws IOException {
    try (KerasArchive archive =
        KerasArchive.open(Corpus.file("dev/" + name + ".keras"), ArchiveLimits.defaults())) {
      CompiledModel model = new ModelCompiler().compile(archive);
      OnnxStream stream = OnnxWriter.streamWhole(model, model.defaultEndpoint());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      stream.write(out);

      byte[] whole = OnnxWriter.writeWhole(model, model.defaultEndpoint()).bytes();
      assertThat((long) out.size()).isEqualTo(stream.length());
      assertThat(ModelProto.parseFrom(out.toByteArray())).isEqualTo(ModelProto.parseFrom(whole));
    }
  }
}
