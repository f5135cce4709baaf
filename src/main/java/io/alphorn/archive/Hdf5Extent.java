package io.alphorn.archive;

/**
 * What a dataset declares of its elements.
 *
 * @param path of the dataset, with the file's name, for messages
 * @param bytes of all elements together
 */
record Hdf5Extent(String path, long[] shape, int elementBytes, long bytes) {}
