package io.alphorn.cli;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.ModelVariable;
import io.alphorn.registry.VariableCollection;
import io.alphorn.registry.VariableCollections;
import io.alphorn.tensor.NamedTensor;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Safetensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alphorn variables}: lists a collection of a model's variables, or writes it to a file. */
@Command(
    name = "variables",
    description = "Lists a collection of a model's variables, or writes it to a file.",
    mixinStandardHelpOptions = true)
final class VariablesCommand implements Callable<Integer> {
  private static final String NPZ = ".npz";
  private static final String SAFETENSORS = ".safetensors";

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "The archive that model.save() wrote.")
  private Path model;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "COLLECTION",
      description =
          "all, trainable, non_trainable, a layer's name, or one that the endpoints.json beside the"
              + " model adds (${DEFAULT-VALUE}).")
  private String collection = "all";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write the values: a file that ends in .npz or .safetensors.")
  private @Nullable Path output;

  @Override
  public Integer call() throws IOException {
    requireKnownFormat();
    PrintWriter out = spec.commandLine().getOut();
    try (KerasArchive archive = KerasArchive.open(model, ArchiveLimits.defaults())) {
      VariableCollection found =
          VariableCollections.of(
                  new ModelCompiler().compile(archive).variables(),
                  new ModelEndpoints().of(model).variableCollections())
              .require(collection);
      if (output == null) {
        found.variables().forEach(variable -> describe(variable, out));
      } else {
        write(found, output);
      }
      out.printf("%d variables, %d bytes%n", found.variables().size(), found.bytes());
    }
    return 0;
  }

  private void requireKnownFormat() {
    if (output != null
        && !output.toString().endsWith(NPZ)
        && !output.toString().endsWith(SAFETENSORS)) {
      throw new ParameterException(
          spec.commandLine(),
          "--output: a file that ends in %s or %s expected, found %s"
              .formatted(NPZ, SAFETENSORS, output));
    }
  }

  private static void describe(ModelVariable variable, PrintWriter out) {
    out.printf(
        "%s %s%s%s%n",
        variable.path(),
        variable.dtype(),
        Arrays.toString(variable.shape()),
        variable.trainable() ? "" : " non-trainable");
  }

  private void write(VariableCollection found, Path file) throws IOException {
    List<NamedTensor> tensors =
        found.variables().stream()
            .map(v -> new NamedTensor(v.path(), v.dtype(), v.shape(), v::read))
            .toList();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      if (file.toString().endsWith(NPZ)) {
        Npz.write(out, tensors);
      } else {
        Safetensors.of(tensors, Map.of("collection", collection)).write(out);
      }
    }
  }
}
