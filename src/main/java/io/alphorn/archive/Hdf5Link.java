package io.alphorn.archive;

/**
 * A name in a group.
 *
 * @param header address of the object header that it names
 */
record Hdf5Link(String name, long header) {}
