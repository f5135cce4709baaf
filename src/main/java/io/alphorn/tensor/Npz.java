package io.alphorn.tensor;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's npz: a zip of named arrays. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private Npz() {}

  public static Map<String, Tensor> read(Path path) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName().replaceFirst("\\.npy$", "");
        ByteBuffer bytes = ByteBuffer.wrap(zip.getInputStream(entry).readAllBytes());
        arrays.put(name, Npy.read(bytes, name));
      }
    }
    return arrays;
  }

  public static void write(Path path, Map<String, Tensor> arrays) throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
        writeEntry(zip, NamedTensor.of(array.getKey(), array.getValue()));
      }
    }
  }

  /**
   * Writes arrays to a stream, uncompressed as {@code numpy.savez} does, one in memory at a time;
   * leaves {@code out} open.
   */
  public static void write(OutputStream out, List<NamedTensor> arrays) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION);
    for (NamedTensor array : arrays) {
      writeEntry(zip, array);
    }
    zip.finish();
  }

  private static void writeEntry(ZipOutputStream zip, NamedTensor array) throws IOException {
    zip.putNextEntry(new ZipEntry(array.name() + SUFFIX));
    Npy.write(array.elements().get(), zip);
    zip.closeEntry();
  }
}
