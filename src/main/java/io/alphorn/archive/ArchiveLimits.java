package io.alphorn.archive;

/**
 * What an archive may ask for before it is refused. Every limit is checked before the memory is
 * taken; the defaults admit every model that fits a large server and stop files made to exhaust it.
 *
 * @param maxArchiveBytes size of the file on disk, or of all files of a directory together
 * @param maxMembers members of a zip, or files of a directory
 * @param maxMemberBytes size of one unpacked member
 * @param maxUnpackedBytes bytes that all decompression together may produce, members and HDF5
 *     chunks
 * @param maxConfigBytes size of config.json, of metadata.json and of a weight map
 * @param maxJsonDepth nesting of objects and arrays in JSON
 * @param maxTensors arrays in the weights
 * @param maxTensorBytes bytes of one array
 * @param maxGroupDepth nesting of groups in the weights
 */
public record ArchiveLimits(
    long maxArchiveBytes,
    int maxMembers,
    long maxMemberBytes,
    long maxUnpackedBytes,
    long maxConfigBytes,
    int maxJsonDepth,
    int maxTensors,
    long maxTensorBytes,
    int maxGroupDepth) {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final ArchiveLimits DEFAULTS =
      new ArchiveLimits(64 * GIB, 10_000, 64 * GIB, 4 * GIB, 64 * MIB, 200, 100_000, 16 * GIB, 64);

  public ArchiveLimits {
    if (maxArchiveBytes <= 0
        || maxMembers <= 0
        || maxMemberBytes <= 0
        || maxUnpackedBytes <= 0
        || maxConfigBytes <= 0
        || maxJsonDepth <= 0
        || maxTensors <= 0
        || maxTensorBytes <= 0
        || maxGroupDepth <= 0) {
      throw new IllegalArgumentException("every archive limit must be positive");
    }
  }

  /** 64 GiB an archive, 4 GiB unpacked, 16 GiB an array, 64 MiB of JSON nested 200 deep. */
  public static ArchiveLimits defaults() {
    return DEFAULTS;
  }
}
