package io.alphorn.archive;

import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * How HDF5 stores an element.
 *
 * @param bytes of one element
 * @param dtype the number that it is; empty for text, opaque bytes and compounds
 * @param bigEndian whether its bytes must be turned
 */
record Hdf5Type(Kind kind, int bytes, Optional<DType> dtype, boolean bigEndian, Padding padding) {

  enum Kind {
    NUMBER,
    FIXED_TEXT,
    VARIABLE_TEXT,
    OPAQUE,
    OTHER
  }

  /** What follows text that is shorter than its field. */
  enum Padding {
    NUL,
    SPACE
  }

  private record FloatFormat(DType dtype, int exponentBits, int mantissaBits) {}

  private static final List<FloatFormat> FLOATS =
      List.of(
          new FloatFormat(DType.FLOAT16, 5, 10),
          new FloatFormat(DType.BFLOAT16, 8, 7),
          new FloatFormat(DType.FLOAT32, 8, 23),
          new FloatFormat(DType.FLOAT64, 11, 52));

  private static final int FIXED_POINT = 0;
  private static final int FLOATING_POINT = 1;
  private static final int STRING = 3;
  private static final int OPAQUE_CLASS = 5;
  private static final int ENUMERATION = 8;
  private static final int VARIABLE_LENGTH = 9;

  private static final int BIG_ENDIAN_BIT = 0x01;
  private static final int SIGNED_BIT = 0x08;
  private static final int VAX_BIT = 0x40;
  private static final int SPACE_PADDED = 2;
  private static final int TEXT_SEQUENCE = 1;

  static Hdf5Type read(Bytes message) {
    return read(new ByteCursor(message), message.name());
  }

  private static Hdf5Type read(ByteCursor cursor, String place) {
    int classAndVersion = cursor.uint8();
    int bits = cursor.uint16();
    cursor.skip(1);
    long size = cursor.uint32();
    if (size == 0 || size > Integer.MAX_VALUE) {
      throw AlphornException.invalidArgument(
          "%s: damaged: an element type of %d bytes", place, size);
    }
    int bytes = (int) size;
    boolean bigEndian = (bits & BIG_ENDIAN_BIT) != 0;
    return switch (classAndVersion & 0x0F) {
      case FIXED_POINT -> number(bytes, integer(cursor, bits, bytes), bigEndian);
      case FLOATING_POINT -> number(bytes, floating(cursor, bits, bytes), bigEndian);
      case STRING -> text(Kind.FIXED_TEXT, bytes, bits & 0x0F);
      case OPAQUE_CLASS -> other(Kind.OPAQUE, bytes);
      case ENUMERATION -> enumeration(cursor, place, bits, bytes, classAndVersion >> 4);
      case VARIABLE_LENGTH ->
          (bits & 0x0F) == TEXT_SEQUENCE
              ? text(Kind.VARIABLE_TEXT, bytes, bits >> 4 & 0x0F)
              : other(Kind.OTHER, bytes);
      default -> other(Kind.OTHER, bytes);
    };
  }

  boolean isText() {
    return kind == Kind.FIXED_TEXT || kind == Kind.VARIABLE_TEXT;
  }

  /** The same bytes understood as {@code newDtype}. */
  Hdf5Type as(DType newDtype) {
    return number(bytes, Optional.of(newDtype), bigEndian);
  }

  private static Hdf5Type number(int bytes, Optional<DType> dtype, boolean bigEndian) {
    return dtype.isPresent()
        ? new Hdf5Type(Kind.NUMBER, bytes, dtype, bigEndian, Padding.NUL)
        : other(Kind.OTHER, bytes);
  }

  private static Hdf5Type text(Kind kind, int bytes, int padding) {
    Optional<DType> dtype = Optional.of(DType.STRING);
    return new Hdf5Type(
        kind, bytes, dtype, false, padding == SPACE_PADDED ? Padding.SPACE : Padding.NUL);
  }

  private static Hdf5Type other(Kind kind, int bytes) {
    return new Hdf5Type(kind, bytes, Optional.empty(), false, Padding.NUL);
  }

  private static Optional<DType> integer(ByteCursor cursor, int bits, int bytes) {
    boolean signed = (bits & SIGNED_BIT) != 0;
    int bitOffset = cursor.uint16();
    int precision = cursor.uint16();
    if (bitOffset != 0 || precision != bytes * 8L) {
      return Optional.empty();
    }
    return switch (bytes) {
      case 1 -> Optional.of(signed ? DType.INT8 : DType.UINT8);
      case 2 -> Optional.of(signed ? DType.INT16 : DType.UINT16);
      case 4 -> Optional.of(signed ? DType.INT32 : DType.UINT32);
      case 8 -> Optional.of(signed ? DType.INT64 : DType.UINT64);
      default -> Optional.empty();
    };
  }

  private static Optional<DType> floating(ByteCursor cursor, int bits, int bytes) {
    cursor.skip(5);
    int exponentBits = cursor.uint8();
    cursor.skip(1);
    int mantissaBits = cursor.uint8();
    if ((bits & VAX_BIT) != 0) {
      return Optional.empty();
    }
    return FLOATS.stream()
        .filter(
            format ->
                format.dtype.bytes() == bytes
                    && format.exponentBits == exponentBits
                    && format.mantissaBits == mantissaBits)
        .map(FloatFormat::dtype)
        .findFirst();
  }

  /** h5py stores booleans as an enumeration of FALSE = 0 and TRUE = 1 over int8. */
  private static Hdf5Type enumeration(
      ByteCursor cursor, String place, int members, int bytes, int version) {
    if ((cursor.peekUint8() & 0x0F) != FIXED_POINT) {
      return other(Kind.OTHER, bytes);
    }
    Hdf5Type base = read(cursor, place);
    if (base.bytes != bytes || base.kind != Kind.NUMBER) {
      return other(Kind.OTHER, bytes);
    }
    return bytes == 1 && members == 2 && memberNames(cursor, members, version).equals("FALSE TRUE")
        ? base.as(DType.BOOL)
        : base;
  }

  private static String memberNames(ByteCursor cursor, int members, int version) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < members; i++) {
      long start = cursor.position();
      names.append(i == 0 ? "" : " ").append(cursor.nulTerminated());
      if (version < 3) {
        cursor.align8(start);
      }
    }
    return names.toString();
  }
}
