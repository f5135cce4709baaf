package io.alphorn.registry;

import java.util.List;

/** A model as a list of models shows it. */
public record ModelSummary(String name, List<VersionStatus> versions) {}
