package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * NumPy's file format for one array (NEP 1, versions 1.0 to 3.0). Arrays of Python objects are
 * refused; strings are NumPy's fixed-width {@code U} and {@code S}.
 */
public final class Npy {
  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /**
   * Reads an array.
   *
   * @param name of the array, for messages
   * @throws AlphornException INVALID_ARGUMENT when the bytes are no such array
   */
  public static Tensor read(ByteBuffer file, String name) {
    NpyHeader header = NpyHeader.read(file, name);
    if (header.bytes() > file.remaining() - header.offset()) {
      throw AlphornException.invalidArgument(
          "array '%s' is cut off: %d bytes expected, %d found",
          name, header.bytes(), file.remaining() - header.offset());
    }
    ByteBuffer elements =
        file.slice(file.position() + header.offset(), Math.toIntExact(header.bytes()));
    if (header.dtype() == DType.STRING) {
      return strings(elements, header);
    }
    ByteBuffer direct = Tensor.allocate(header.dtype(), header.shape());
    return Tensor.of(header.dtype(), header.shape(), direct.put(elements).flip());
  }

  private static Tensor strings(ByteBuffer elements, NpyHeader header) {
    byte[][] strings = new byte[Math.toIntExact(Tensor.elements(header.shape()))][];
    byte[] element = new byte[header.elementBytes()];
    for (int i = 0; i < strings.length; i++) {
      elements.get(element);
      strings[i] = header.unicode() ? decode(element) : withoutPadding(element);
    }
    return Tensor.ofStrings(header.shape(), strings);
  }

  private static byte[] decode(byte[] utf32) {
    String text = new String(utf32, UTF_32LE);
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == 0) {
      end--;
    }
    return text.substring(0, end).getBytes(UTF_8);
  }

  private static byte[] withoutPadding(byte[] padded) {
    int end = padded.length;
    while (end > 0 && padded[end - 1] == 0) {
      end--;
    }
    return Arrays.copyOf(padded, end);
  }

  /** Writes an array; bfloat16, which NumPy lacks, as float32; strings as {@code U}. */
  public static ByteBuffer write(Tensor tensor) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      write(tensor, file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return ByteBuffer.wrap(file.toByteArray());
  }

  /** Writes an array to a stream, block by block; see {@link #write(Tensor)}. */
  public static void write(Tensor tensor, OutputStream out) throws IOException {
    switch (tensor.dtype()) {
      case STRING -> writeStrings(tensor, out);
      case BFLOAT16 -> write(widened(tensor), out);
      default -> write(description(tensor.dtype()), tensor.shape(), tensor.bytes(), out);
    }
  }

  private static Tensor widened(Tensor tensor) {
    ByteBuffer wide = Tensor.allocate(DType.FLOAT32, tensor.shape());
    ByteBuffer narrow = tensor.bytes();
    while (narrow.hasRemaining()) {
      wide.putFloat(Float.intBitsToFloat(narrow.getShort() << 16));
    }
    return Tensor.of(DType.FLOAT32, tensor.shape(), wide.flip());
  }

  private static void writeStrings(Tensor tensor, OutputStream out) throws IOException {
    byte[][] encoded =
        Arrays.stream(tensor.strings())
            .map(bytes -> new String(bytes, UTF_8).getBytes(UTF_32LE))
            .toArray(byte[][]::new);
    int width = Arrays.stream(encoded).mapToInt(bytes -> bytes.length).max().orElse(0);
    width = Math.max(width, NpyHeader.UTF_32_BYTES);
    ByteBuffer padded = ByteBuffer.allocate(Math.multiplyExact(encoded.length, width));
    for (int i = 0; i < encoded.length; i++) {
      padded.put(i * width, encoded[i]);
    }
    write("<U" + width / NpyHeader.UTF_32_BYTES, tensor.shape(), padded, out);
  }

  private static String description(DType dtype) {
    String kind =
        switch (dtype) {
          case BOOL -> "b";
          case INT8, INT16, INT32, INT64 -> "i";
          case UINT8, UINT16, UINT32, UINT64 -> "u";
          case FLOAT16, FLOAT32, FLOAT64 -> "f";
          case COMPLEX64, COMPLEX128 -> "c";
          case STRING, BFLOAT16 -> throw new IllegalArgumentException(dtype.toString());
        };
    return (dtype.bytes() == 1 ? "|" : "<") + kind + dtype.bytes();
  }

  private static void write(String description, long[] shape, ByteBuffer elements, OutputStream out)
      throws IOException {
    String sizes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(description, shape.length == 1 ? sizes + "," : sizes);
    int unpadded = NpyHeader.MAGIC.length + 4 + header.length() + 1;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    byte[] text = (header + " ".repeat(padding) + "\n").getBytes(ISO_8859_1);
    ByteBuffer start =
        ByteBuffer.allocate(NpyHeader.MAGIC.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    start.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length);
    out.write(start.array());
    out.write(text);
    ElementBlocks.write(elements, out);
  }
}
