package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A model's configuration.
 *
 * @param text the JSON as the file has it, in UTF-8
 */
record ArchiveConfig(JsonNode json, byte[] text) {
  static ArchiveConfig read(Bytes file, ArchiveLimits limits) {
    JsonNode json = StrictJson.object(file, limits);
    return new ArchiveConfig(json, file.toArray());
  }

  static ArchiveConfig read(String place, String text, ArchiveLimits limits) {
    return new ArchiveConfig(StrictJson.object(place, text, limits), text.getBytes(UTF_8));
  }
}
