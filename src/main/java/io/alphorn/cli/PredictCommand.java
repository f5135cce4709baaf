package io.alphorn.cli;

import io.alphorn.archive.ArchiveLimits;
import io.alphorn.archive.KerasArchive;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.ModelCompiler;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.error.AlphornException;
import io.alphorn.runtime.LoadedModel;
import io.alphorn.tensor.Casts;
import io.alphorn.tensor.Npz;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alphorn predict}: one prediction from arrays to arrays, or a whole folder of cases. */
@Command(
    name = "predict",
    description = "Predicts from the arrays of an npz file, without a server.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "The archive that model.save() wrote.")
  private @Nullable Path model;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "INPUTS.npz",
      description = "An array for each input, under the input's name or as in0, in1, ...")
  private @Nullable Path inputs;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUTPUTS.npz",
      description = "Where to write the outputs, under their names.")
  private @Nullable Path output;

  @Option(
      names = "--endpoint",
      paramLabel = "NAME",
      description = "Which endpoint to call (${DEFAULT-VALUE}).")
  private String endpoint = "serve";

  @Mixin private final ModelEndpoints endpoints = new ModelEndpoints();

  @Option(
      names = "--cases",
      paramLabel = "DIR",
      description = "Predict every case of a folder with a manifest.json, in one process.")
  private @Nullable Path cases;

  @Option(
      names = "--out",
      paramLabel = "OUTDIR",
      description = "With --cases: where CASE.npz and report.json go.")
  private @Nullable Path casesOutput;

  @Override
  public Integer call() throws IOException {
    if (cases != null && casesOutput != null) {
      return predictCases(cases, casesOutput);
    }
    if (model == null || inputs == null || output == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "expected MODEL INPUTS.npz -o OUTPUTS.npz, or --cases DIR --out OUTDIR");
    }
    predict(model, inputs, output);
    return 0;
  }

  /** A case that cannot be predicted is an entry of the report, not a failure of the command. */
  private int predictCases(Path folder, Path results) throws IOException {
    ConformanceCases.Summary summary = new ConformanceCases(folder, results).run();
    spec.commandLine()
        .getOut()
        .printf(
            "%d of %d cases predicted; %s holds the rest%n",
            summary.predicted(), summary.cases(), results.resolve("report.json"));
    return 0;
  }

  private void predict(Path modelPath, Path inputsPath, Path outputsPath) throws IOException {
    try (KerasArchive archive = KerasArchive.open(modelPath, ArchiveLimits.defaults());
        LoadedModel loaded = new LoadedModel(compile(modelPath, archive))) {
      CompiledEndpoint chosen = loaded.model().endpoint(endpoint);
      List<Tensor> results = loaded.run(chosen, arrange(chosen, Npz.read(inputsPath)));
      Map<String, Tensor> named = new LinkedHashMap<>();
      for (int i = 0; i < results.size(); i++) {
        named.put(chosen.outputs().get(i).name(), results.get(i));
      }
      Npz.write(outputsPath, named);
    }
  }

  private CompiledModel compile(Path modelPath, KerasArchive archive) throws IOException {
    return new ModelCompiler().compile(archive, endpoints.of(modelPath).endpoints());
  }

  /**
   * The inputs in the endpoint's order and types. Arrays go by the inputs' names, or as {@code
   * in0}, {@code in1}, …
   */
  static List<Tensor> arrange(CompiledEndpoint endpoint, Map<String, Tensor> arrays) {
    List<Tensor> arranged = new ArrayList<>();
    for (int i = 0; i < endpoint.inputs().size(); i++) {
      TensorSpec spec = endpoint.inputs().get(i);
      Tensor array = arrays.getOrDefault(spec.name(), arrays.get("in" + i));
      if (array == null) {
        throw AlphornException.invalidArgument(
            "input '%s' (%s%s): expected an array '%s' or 'in%d', found only %s",
            spec.name(), spec.dtype(), spec.shape(), spec.name(), i, arrays.keySet());
      }
      arranged.add(Casts.cast(array, spec.dtype()));
    }
    return arranged;
  }
}
