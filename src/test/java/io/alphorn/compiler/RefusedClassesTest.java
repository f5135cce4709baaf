package io.alphorn.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a layer that Alphorn has no lowering for, by where it comes from. */
class RefusedClassesTest {
  @TempDir Path folder;

  @Test
  void ofACustomClassThePathTheRegisteredNameAndTheNextStep() throws IOException {
    assertRefusal(
        layer("my_project.layers", "Gate", "my_package>Gate"),
        "layer 'block/suspect' (Gate): class 'Gate' of module 'my_project.layers', registered as"
            + " 'my_package>Gate', is not one of Keras's, and no code is ever loaded by a name that"
            + " a file gives. Use built-in layers or calls of keras.ops");
  }

  @Test
  void ofACustomClassInAFileOfKeras2() throws IOException {
    assertRefusal(
        """
        {"class_name": "my_package>Gate", "config": {"name": "suspect", "trainable": true}}\
        """,
        "layer 'block/suspect' (Gate): class 'Gate' of module '', registered as"
            + " 'my_package>Gate',");
  }

  @Test
  void ofAClassOfJava() throws IOException {
    assertRefusal(
        layer("java.lang", "Runtime", null),
        "layer 'block/suspect' (Runtime): class 'Runtime' of module 'java.lang' is not one of"
            + " Keras's");
  }

  @Test
  void ofAClassOfKerasThatHasNoLowering() throws IOException {
    assertRefusal(
        layer("keras.layers", "StreamingGate", null),
        "layer 'block/suspect' (StreamingGate): class 'StreamingGate' of module 'keras.layers' is"
            + " not supported. Use one of those that docs/support.md lists");
  }

  @Test
  void ofANamedFunctionInALambda() throws IOException {
    assertRefusal(
        """
        {"module": "keras.layers", "class_name": "Lambda", "registered_name": null, "config":
          {"name": "suspect", "function": {"module": "builtins", "class_name": "function",
           "config": "standardize", "registered_name": "function"}, "arguments": {}}}\
        """,
        "layer 'block/suspect' (Lambda): runs the Python function 'standardize', and code that"
            + " comes with a model is never executed. Use a built-in layer or calls of keras.ops");
  }

  @Test
  void ofALambdaOfKeras2() throws IOException {
    assertRefusal(
        """
        {"class_name": "Lambda", "config": {"name": "suspect", "trainable": true,
          "dtype": "float32", "function": ["4wEAAAAA", null, null], "function_type": "lambda",
          "module": "__main__", "output_shape": null, "output_shape_type": "raw",
          "output_shape_module": null, "arguments": {}}}\
        """,
        "layer 'block/suspect' (Lambda): argument 'function' is a Python lambda, saved as bytecode,"
            + " which is never executed");
  }

  private void assertRefusal(String layer, String message) throws IOException {
    try (KerasArchive archive = archive(layer)) {
      assertThatThrownBy(() -> new ModelCompiler().compile(archive))
          .isInstanceOfSatisfying(
              AlphornException.class,
              error -> assertThat(error.code()).isEqualTo(ErrorCode.UNIMPLEMENTED))
          .hasMessageStartingWith(message);
    }
  }

  private static String layer(String module, String className, String registeredName)
      throws JsonProcessingException {
    return """
    {"module": "%s", "class_name": "%s", "registered_name": %s, "config": {"name": "suspect"}}\
    """
        .formatted(module, className, new ObjectMapper().writeValueAsString(registeredName));
  }

  @Test
  void ofAFeatureSpaceThatIsNoModel() throws IOException {
    assertRefusal(
        layer("keras.utils", "FeatureSpace", null),
        "layer 'block/suspect' (FeatureSpace): a FeatureSpace holds preprocessors and is no model."
            + " Save keras.Model(space.get_inputs(), space.get_encoded_features())");
  }

  /** A model with a model in it that holds the layer. */
  private KerasArchive archive(String layer) throws IOException {
    String inner = sequential("block", layer);
    String input =
        """
        {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
          "config": {"name": "x", "batch_shape": [null, 4], "dtype": "float32"}}\
        """;
    Path file = folder.resolve("model.keras");
    try (OutputStream stream = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(stream)) {
      put(
          zip,
          "config.json",
          sequential("outer", input + ", " + inner).getBytes(StandardCharsets.UTF_8));
      put(zip, "model.weights.npz", emptyZip());
    }
    return KerasArchive.open(file, ArchiveLimits.defaults());
  }

  private static String sequential(String name, String layers) {
    return """
    {"module": "keras", "class_name": "Sequential", "registered_name": null,
      "config": {"name": "%s", "layers": [%s]}}\
    """
        .formatted(name, layers);
  }

  private static byte[] emptyZip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ZipOutputStream(bytes).close();
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }
}
