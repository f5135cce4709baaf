package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.alphorn.error.AlphornException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's file format for one array (NEP 1, versions 1.0 to 3.0). Arrays of Python objects are
 * refused; strings are NumPy's fixed-width {@code U} and {@code S}.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([^)]*)\\)");
  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
  private static final int ALIGNMENT = 64;
  private static final int UTF_32_BYTES = 4;

  private Npy() {}

  /**
   * Reads an array.
   *
   * @param name of the array, for messages
   * @throws AlphornException INVALID_ARGUMENT when the bytes are no such array
   */
  public static Tensor read(ByteBuffer file, String name) {
    ByteBuffer bytes = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    String header = header(bytes, name);
    String description = field(DESCRIPTION, header, name);
    if (field(FORTRAN, header, name).equals("True")) {
      throw AlphornException.invalidArgument(
          "array '%s' is in Fortran order; save it with numpy.ascontiguousarray", name);
    }
    long[] shape = shape(field(SHAPE, header, name), name);
    char kind = description.length() > 1 ? description.charAt(1) : '?';
    if (kind == 'U' || kind == 'S') {
      int width = Integer.parseInt(description.substring(2));
      return strings(bytes, shape, kind, width, name);
    }
    DType dtype = dtype(description, name);
    long size = Math.multiplyExact(Tensor.elements(shape), dtype.bytes());
    requireBytes(bytes, size, name);
    ByteBuffer direct = Tensor.allocate(dtype, shape);
    direct.put(bytes.slice(bytes.position(), (int) size)).flip();
    return Tensor.of(dtype, shape, direct);
  }

  private static String header(ByteBuffer bytes, String name) {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < 12) {
      throw AlphornException.invalidArgument("array '%s' is cut off", name);
    }
    bytes.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw AlphornException.invalidArgument("array '%s' is not in NumPy's npy format", name);
    }
    int version = bytes.get();
    bytes.get();
    long length = version == 1 ? Short.toUnsignedInt(bytes.getShort()) : bytes.getInt();
    requireBytes(bytes, length, name);
    byte[] header = new byte[(int) length];
    bytes.get(header);
    return new String(header, ISO_8859_1);
  }

  private static void requireBytes(ByteBuffer bytes, long needed, String name) {
    if (needed < 0 || bytes.remaining() < needed) {
      throw AlphornException.invalidArgument(
          "array '%s' is cut off: %d bytes expected, %d found", name, needed, bytes.remaining());
    }
  }

  private static String field(Pattern pattern, String header, String name) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw AlphornException.invalidArgument(
          "array '%s' has an element type or a header that is not supported: %s",
          name, header.strip());
    }
    return matcher.group(1);
  }

  private static long[] shape(String text, String name) {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(size -> !size.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw AlphornException.invalidArgument("array '%s' has shape (%s)", name, text);
    }
  }

  private static DType dtype(String description, String name) {
    return switch (description) {
      case "|b1" -> DType.BOOL;
      case "|i1" -> DType.INT8;
      case "<i2" -> DType.INT16;
      case "<i4" -> DType.INT32;
      case "<i8" -> DType.INT64;
      case "|u1" -> DType.UINT8;
      case "<u2" -> DType.UINT16;
      case "<u4" -> DType.UINT32;
      case "<u8" -> DType.UINT64;
      case "<f2" -> DType.FLOAT16;
      case "<f4" -> DType.FLOAT32;
      case "<f8" -> DType.FLOAT64;
      case "<c8" -> DType.COMPLEX64;
      case "<c16" -> DType.COMPLEX128;
      default ->
          throw AlphornException.invalidArgument(
              "array '%s' has element type '%s', which is not supported", name, description);
    };
  }

  private static Tensor strings(ByteBuffer bytes, long[] shape, char kind, int width, String name) {
    int count = Math.toIntExact(Tensor.elements(shape));
    int size = kind == 'U' ? Math.multiplyExact(width, UTF_32_BYTES) : width;
    requireBytes(bytes, Math.multiplyExact((long) count, size), name);
    byte[][] strings = new byte[count][];
    byte[] element = new byte[size];
    for (int i = 0; i < count; i++) {
      bytes.get(element);
      strings[i] = kind == 'U' ? decode(element) : withoutPadding(element);
    }
    return Tensor.ofStrings(shape, strings);
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
    return switch (tensor.dtype()) {
      case STRING -> writeStrings(tensor);
      case BFLOAT16 -> write(widened(tensor));
      default -> write(description(tensor.dtype()), tensor.shape(), tensor.bytes());
    };
  }

  private static Tensor widened(Tensor tensor) {
    ByteBuffer wide = Tensor.allocate(DType.FLOAT32, tensor.shape());
    ByteBuffer narrow = tensor.bytes();
    while (narrow.hasRemaining()) {
      wide.putFloat(Float.intBitsToFloat(narrow.getShort() << 16));
    }
    return Tensor.of(DType.FLOAT32, tensor.shape(), wide.flip());
  }

  private static ByteBuffer writeStrings(Tensor tensor) {
    byte[][] encoded =
        Arrays.stream(tensor.strings())
            .map(bytes -> new String(bytes, UTF_8).getBytes(UTF_32LE))
            .toArray(byte[][]::new);
    int width = Arrays.stream(encoded).mapToInt(bytes -> bytes.length).max().orElse(0);
    width = Math.max(width, UTF_32_BYTES);
    ByteBuffer padded = ByteBuffer.allocate(Math.multiplyExact(encoded.length, width));
    for (int i = 0; i < encoded.length; i++) {
      padded.put(i * width, encoded[i]);
    }
    return write("<U" + width / UTF_32_BYTES, tensor.shape(), padded);
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

  private static ByteBuffer write(String description, long[] shape, ByteBuffer elements) {
    String sizes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(description, shape.length == 1 ? sizes + "," : sizes);
    int unpadded = MAGIC.length + 4 + header.length() + 1;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    byte[] text = (header + " ".repeat(padding) + "\n").getBytes(ISO_8859_1);
    ByteBuffer file =
        ByteBuffer.allocate(MAGIC.length + 4 + text.length + elements.remaining())
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length).put(text);
    return file.put(elements).flip();
  }
}
