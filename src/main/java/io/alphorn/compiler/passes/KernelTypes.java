package io.alphorn.compiler.passes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which element types ONNX Runtime's CPU kernels take. The table beside this class is written from
 * the runtime's own registry by {@code tools/kernel_types.py}.
 */
final class KernelTypes {
  /**
   * One operator's kernels.
   *
   * @param inputs the type variable of each input; a fixed type begins with {@code =}
   * @param outputs the type variable of each output
   * @param types what each variable may stand for
   */
  record Kernel(List<String> inputs, List<String> outputs, Map<String, Set<DType>> types) {
    String input(int index) {
      return inputs.get(Math.min(index, inputs.size() - 1));
    }

    String output(int index) {
      return outputs.get(Math.min(index, outputs.size() - 1));
    }

    boolean takes(String variable, DType dtype) {
      Set<DType> known = types.get(variable);
      return known == null || known.contains(dtype);
    }
  }

  private static final Map<String, Kernel> KERNELS = load();

  private KernelTypes() {}

  static Optional<Kernel> of(String operator) {
    return Optional.ofNullable(KERNELS.get(operator));
  }

  private static Map<String, Kernel> load() {
    Map<String, Kernel> kernels = new HashMap<>();
    try (InputStream table = KernelTypes.class.getResourceAsStream("kernel-types.txt");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(Objects.requireNonNull(table), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] fields = line.split("\\|");
          kernels.put(fields[0], new Kernel(names(fields[1]), names(fields[2]), types(fields[3])));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return kernels;
  }

  private static List<String> names(String field) {
    return List.of(field.replace("*", "").split(","));
  }

  private static Map<String, Set<DType>> types(String field) {
    if (field.equals("-")) {
      return Map.of();
    }
    return Arrays.stream(field.split(";"))
        .map(variable -> variable.split("=", 2))
        .collect(
            Collectors.toMap(
                parts -> parts[0],
                parts ->
                    Arrays.stream(parts[1].split(",")).map(DType::of).collect(Collectors.toSet())));
  }
}
