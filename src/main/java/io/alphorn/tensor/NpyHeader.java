package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.alphorn.error.AlphornException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file of NumPy's npy format says of its array.
 *
 * @param elementBytes bytes of one element; for strings, of their fixed width
 * @param unicode whether strings are UTF-32; otherwise they are bytes
 * @param shape the dimensions, whose product with {@code elementBytes} fits a long
 * @param offset of the first element from the start of the file
 */
public record NpyHeader(DType dtype, int elementBytes, boolean unicode, long[] shape, int offset) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  static final int UTF_32_BYTES = 4;

  /** The most that NumPy itself reads, before it asks for more trust than files deserve. */
  public static final int MAX_BYTES = 12 + 10_000;

  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \\(([0-9, ]*)\\),?"
              + " *\\}\\s*");
  private static final Pattern STRING = Pattern.compile("([<|])([US])([1-9][0-9]{0,5})");

  /**
   * Reads the start of a file; the rest need not be there.
   *
   * @param name of the array, for messages
   * @throws AlphornException INVALID_ARGUMENT when the bytes are no such header, or the array is
   *     one of Python objects, in Fortran order or big-endian
   */
  public static NpyHeader read(ByteBuffer file, String name) {
    ByteBuffer bytes = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < MAGIC.length + 6) {
      throw AlphornException.invalidArgument("array '%s' is cut off", name);
    }
    bytes.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw AlphornException.invalidArgument("array '%s' is not in NumPy's npy format", name);
    }
    int version = bytes.get();
    bytes.get();
    long length =
        version == 1
            ? Short.toUnsignedInt(bytes.getShort())
            : Integer.toUnsignedLong(bytes.getInt());
    if (length > Math.min(bytes.remaining(), MAX_BYTES)) {
      throw AlphornException.invalidArgument(
          "array '%s' has a header of %d bytes, but only %d are there or allowed",
          name, length, Math.min(bytes.remaining(), MAX_BYTES));
    }
    byte[] text = new byte[(int) length];
    bytes.get(text);
    return parse(new String(text, ISO_8859_1), bytes.position(), name);
  }

  /** Bytes of all elements. */
  public long bytes() {
    return elementBytes * Tensor.elements(shape);
  }

  private static NpyHeader parse(String text, int offset, String name) {
    Matcher header = HEADER.matcher(text);
    if (!header.matches()) {
      throw AlphornException.invalidArgument(
          "array '%s' has an element type or a header that is not supported: %s",
          name, text.strip());
    }
    if (header.group(2).equals("True")) {
      throw AlphornException.invalidArgument(
          "array '%s' is in Fortran order; save it with numpy.ascontiguousarray", name);
    }
    String description = header.group(1);
    Matcher string = STRING.matcher(description);
    boolean isString = string.matches();
    boolean unicode = isString && string.group(2).equals("U");
    DType dtype = isString ? DType.STRING : dtype(description, name);
    int width =
        isString ? Integer.parseInt(string.group(3)) * (unicode ? UTF_32_BYTES : 1) : dtype.bytes();
    return new NpyHeader(dtype, width, unicode, shape(header.group(3), width, name), offset);
  }

  private static long[] shape(String text, int elementBytes, String name) {
    try {
      long[] shape =
          Arrays.stream(text.split(","))
              .map(String::strip)
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      Math.multiplyExact(elementBytes, Tensor.elements(shape));
      return shape;
    } catch (NumberFormatException | ArithmeticException e) {
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
      case "|O" ->
          throw AlphornException.invalidArgument(
              "array '%s' holds Python objects, which are never unpickled", name);
      default ->
          throw AlphornException.invalidArgument(
              "array '%s' has element type '%s', which is not supported", name, description);
    };
  }
}
