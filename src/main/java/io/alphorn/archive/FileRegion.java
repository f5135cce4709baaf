package io.alphorn.archive;

import java.nio.file.Path;

/**
 * A stretch of bytes of a file on disk, for those who map it themselves.
 *
 * @param file the file, which must not change while it is in use
 * @param offset of the first byte, from the start of the file
 * @param length in bytes
 */
public record FileRegion(Path file, long offset, long length) {}
