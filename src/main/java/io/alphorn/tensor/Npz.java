package io.alphorn.tensor;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
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
        zip.putNextEntry(new ZipEntry(array.getKey() + SUFFIX));
        ByteBuffer bytes = Npy.write(array.getValue());
        zip.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
        zip.closeEntry();
      }
    }
  }
}
