package io.alphorn.cli;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.onnx.OnnxModel;
import io.alphorn.compiler.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alphorn compile}: a Keras archive becomes an ONNX file. */
@Command(
    name = "compile",
    description = "Writes a model as an ONNX graph.",
    mixinStandardHelpOptions = true)
final class CompileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The archive that model.save() wrote.")
  private Path model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE.onnx",
      description = "Where to write the graph. Without it, beside the model.")
  private @Nullable Path output;

  @Option(
      names = "--endpoint",
      paramLabel = "NAME",
      description = "Which endpoint to write (${DEFAULT-VALUE}).")
  private String endpoint = "serve";

  @Mixin private final ModelEndpoints endpoints = new ModelEndpoints();

  @Override
  public Integer call() throws IOException {
    try (KerasArchive archive = KerasArchive.open(model, ArchiveLimits.defaults())) {
      CompiledModel compiled =
          new ModelCompiler().compile(archive, endpoints.of(model).endpoints());
      CompiledEndpoint chosen = compiled.endpoint(endpoint);
      OnnxModel onnx = OnnxWriter.writeWhole(compiled, chosen);
      Path file = output == null ? besideTheModel() : output;
      Files.write(file, onnx.bytes());
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %d operators, %d bytes%n",
              file,
              compiled.graph().between(chosen.sources(), chosen.results()).nodes().size(),
              onnx.bytes().length);
    }
    return 0;
  }

  private Path besideTheModel() {
    String name = model.getFileName().toString().replaceFirst("\\.[^.]+$", "");
    return model.resolveSibling(name + ".onnx");
  }
}
