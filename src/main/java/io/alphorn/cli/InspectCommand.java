package io.alphorn.cli;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.Diagnosis;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.ModelVariable;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alphorn inspect}: what a model is, and what of it is not supported. */
@Command(
    name = "inspect",
    description =
        "Shows a model's endpoints, variables and stages; exit code 1 and the reasons when it"
            + " cannot be served.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The archive that model.save() wrote.")
  private Path model;

  @Mixin private final ModelEndpoints endpoints = new ModelEndpoints();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ModelCompiler compiler = new ModelCompiler();
    try (KerasArchive archive = KerasArchive.open(model, ArchiveLimits.defaults())) {
      List<Diagnosis.Finding> findings = compiler.diagnose(archive);
      if (!findings.isEmpty()) {
        out.printf("%s cannot be served:%n", model);
        findings.forEach(
            finding ->
                out.printf(
                    "  %s (%s): %s%n", finding.path(), finding.className(), finding.reason()));
        return 1;
      }
      describe(compiler.compile(archive, endpoints.of(model).endpoints()), out);
      return 0;
    }
  }

  private static void describe(CompiledModel model, PrintWriter out) {
    out.printf("model %s, saved by Keras %s%n", model.name(), model.kerasVersion());
    for (CompiledEndpoint endpoint : model.endpoints()) {
      boolean first = endpoint == model.defaultEndpoint();
      out.printf("endpoint %s%s%n", endpoint.name(), first ? " (also serving_default)" : "");
      endpoint.inputs().forEach(input -> describe("input", input, out));
      endpoint.outputs().forEach(output -> describe("output", output, out));
    }
    out.printf("stages %d, operators %d%n", model.stages().size(), model.graph().nodes().size());
    out.printf("variables %d, %d bytes%n", model.variables().size(), bytes(model));
    for (ModelVariable variable : model.variables()) {
      out.printf(
          "  %s %s%s%s%n",
          variable.path(),
          variable.tensor().dtype(),
          Arrays.toString(variable.tensor().shape()),
          variable.trainable() ? "" : " non-trainable");
    }
  }

  private static void describe(String kind, TensorSpec spec, PrintWriter out) {
    out.printf("  %s %s %s%s%n", kind, spec.name(), spec.dtype(), spec.shape());
  }

  private static long bytes(CompiledModel model) {
    return model.variables().stream()
        .mapToLong(
            variable ->
                Tensor.elements(variable.tensor().shape()) * variable.tensor().dtype().bytes())
        .sum();
  }
}
