package io.alphorn.registry;

import io.alphorn.compiler.Diagnosis;
import java.util.List;
import java.util.stream.Collectors;

/** An upload that cannot be compiled, with everything that stands in the way. */
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Diagnosis.Finding> findings;

  UnsupportedModelException(List<Diagnosis.Finding> findings) {
    super(
        findings.stream()
            .map(finding -> "layer '%s': %s".formatted(finding.path(), finding.reason()))
            .collect(Collectors.joining("; ")));
    this.findings = List.copyOf(findings);
  }

  public List<Diagnosis.Finding> findings() {
    return findings;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
