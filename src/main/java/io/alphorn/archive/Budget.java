package io.alphorn.archive;

import io.alphorn.error.AlphornException;

/** What one opened archive has used of its {@link ArchiveLimits}. Safe for use by many threads. */
final class Budget {
  private final ArchiveLimits limits;
  private long fileBytes;
  private long unpackedBytes;
  private int tensors;

  Budget(ArchiveLimits limits) {
    this.limits = limits;
  }

  ArchiveLimits limits() {
    return limits;
  }

  /** Counts one more file of {@code bytes}. */
  synchronized void file(String name, long bytes) {
    if (bytes > limits.maxArchiveBytes() - fileBytes) {
      throw AlphornException.resourceExhausted(
          "%s: %d bytes in files, more than the limit of %d for an archive",
          name, bytes + fileBytes, limits.maxArchiveBytes());
    }
    fileBytes += bytes;
  }

  /** Asks for {@code bytes} of memory for {@code what}, before they are taken. */
  synchronized void unpack(String what, long bytes) {
    if (bytes > limits.maxUnpackedBytes() - unpackedBytes) {
      throw AlphornException.resourceExhausted(
          "%s: %d bytes to unpack after %d already unpacked, more than the limit of %d",
          what, bytes, unpackedBytes, limits.maxUnpackedBytes());
    }
    unpackedBytes += bytes;
  }

  /** Counts one more array of {@code bytes}. */
  synchronized void tensor(String path, long bytes) {
    if (bytes > limits.maxTensorBytes()) {
      throw AlphornException.resourceExhausted(
          "%s: an array of %d bytes, more than the limit of %d",
          path, bytes, limits.maxTensorBytes());
    }
    if (++tensors > limits.maxTensors()) {
      throw AlphornException.resourceExhausted(
          "%s: more than the limit of %d arrays", path, limits.maxTensors());
    }
  }

  void depth(String path, int depth) {
    if (depth > limits.maxGroupDepth()) {
      throw AlphornException.resourceExhausted(
          "%s: groups nested deeper than the limit of %d", path, limits.maxGroupDepth());
    }
  }
}
