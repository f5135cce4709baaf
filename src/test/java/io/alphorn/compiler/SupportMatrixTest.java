package io.alphorn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.alphorn.Corpus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/**
 * docs/support.md is written from the lowerings themselves and from the corpus. After adding a
 * layer: {@code ./alphorn test -Dtest=SupportMatrixTest -Ddocs.write=true}.
 */
class SupportMatrixTest {
  private static final Path DOCUMENT = Path.of("docs/support.md");
  private static final String INTRODUCTION =
      """
      # What Alphorn compiles

      Made from the lowerings and the conformance corpus by `SupportMatrixTest`; do not edit. *Cases* counts the \
      archives of the corpus that hold the class. Arguments without effect on inference (initializers, regularizers, \
      constraints, `seed`, …) are accepted everywhere and not listed; an argument that a lowering does not know and that \
      says something is refused. Python code in an archive (`Lambda`, lambdas, custom classes) is never executed.

      """;

  @Test
  void documentListsWhatTheCompilerHas() throws IOException {
    String expected = document();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT))
        .as("docs/support.md is out of date; write it with -Ddocs.write=true")
        .isEqualTo(expected);
  }

  private static String document() throws IOException {
    Map<String, Integer> cases = cases();
    Map<String, StringBuilder> tables = new TreeMap<>();
    for (Lowering lowering : Lowerings.all().all()) {
      tables
          .computeIfAbsent(lowering.module(), SupportMatrixTest::heading)
          .append(row(lowering, cases));
    }
    StringBuilder document = new StringBuilder(INTRODUCTION);
    document.append(String.join("\n", tables.values()));
    return document.toString();
  }

  private static StringBuilder heading(String module) {
    return new StringBuilder("## `%s`%n%n".formatted(module))
        .append("| Class | Arguments | Call | Masks | Cases | Notes |\n")
        .append("|---|---|---|---|---|---|\n");
  }

  private static String row(Lowering lowering, Map<String, Integer> cases) {
    String masks =
        switch (lowering.masking()) {
          case PASS -> "passed on";
          case STOP -> "";
          case OWN -> "own rule";
        };
    return "| %s | %s | %s | %s | %d | %s |%n"
        .formatted(
            lowering.className(),
            String.join(", ", lowering.arguments()),
            String.join(
                ", ",
                lowering.parameters().stream().filter(name -> !name.startsWith("_")).toList()),
            masks,
            cases.getOrDefault(lowering.module() + ":" + lowering.className(), 0),
            lowering.notes());
  }

  private static Map<String, Integer> cases() throws IOException {
    Map<String, Integer> cases = new TreeMap<>();
    ObjectMapper json =
        JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    for (Path archive : Corpus.files("dev", ".keras")) {
      try (ZipFile zip = new ZipFile(archive.toFile())) {
        ZipEntry config = zip.getEntry("config.json");
        byte[] bytes = zip.getInputStream(config).readAllBytes();
        Set<String> classes = new HashSet<>();
        collect(json.readTree(new ByteArrayInputStream(bytes)), classes);
        classes.forEach(name -> cases.merge(name, 1, Integer::sum));
      }
    }
    return cases;
  }

  private static void collect(JsonNode node, Set<String> classes) {
    if (node.path("class_name").isTextual() && node.path("module").isTextual()) {
      classes.add(node.path("module").textValue() + ":" + node.path("class_name").textValue());
    }
    node.forEach(child -> collect(child, classes));
  }
}
