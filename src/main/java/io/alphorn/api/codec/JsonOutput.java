package io.alphorn.api.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Base64;

/** JSON text under construction, in bytes. For one thread. */
final class JsonOutput {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(ISO_8859_1);
  private static final int LONGEST_NUMBER = 32;

  private final StringBuilder digits = new StringBuilder(LONGEST_NUMBER);
  private byte[] text;
  private int length;

  /** An empty text with room for {@code expectedBytes}. */
  JsonOutput(int expectedBytes) {
    this.text = new byte[Math.max(LONGEST_NUMBER, expectedBytes)];
  }

  byte[] toArray() {
    return Arrays.copyOf(text, length);
  }

  /** Writes text that needs no escaping. */
  void raw(String ascii) {
    room(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      text[length++] = (byte) ascii.charAt(i);
    }
  }

  void integer(long value) {
    digits.setLength(0);
    raw(digits.append(value));
  }

  void unsigned(long value) {
    raw(Long.toUnsignedString(value));
  }

  /** Writes the shortest decimal that reads back as the same float. */
  void real(float value) {
    if (Float.isFinite(value)) {
      digits.setLength(0);
      real(digits.append(value));
    } else {
      raw(notFinite(value));
    }
  }

  /** Writes the shortest decimal that reads back as the same double. */
  void real(double value) {
    if (Double.isFinite(value)) {
      digits.setLength(0);
      real(digits.append(value));
    } else {
      raw(notFinite(value));
    }
  }

  private static String notFinite(double value) {
    return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }

  /** From Java's 1.5E-7 to C's 1.5e-07, which is how TensorFlow Serving prints it. */
  private void real(StringBuilder java) {
    int exponent = java.indexOf("E");
    if (exponent < 0) {
      raw(java);
      return;
    }
    boolean whole = java.charAt(exponent - 1) == '0' && java.charAt(exponent - 2) == '.';
    boolean negative = java.charAt(exponent + 1) == '-';
    int magnitude = exponent + (negative ? 2 : 1);
    room(LONGEST_NUMBER);
    put(java, 0, whole ? exponent - 2 : exponent);
    text[length++] = 'e';
    text[length++] = (byte) (negative ? '-' : '+');
    if (java.length() - magnitude == 1) {
      text[length++] = '0';
    }
    put(java, magnitude, java.length());
  }

  private void raw(StringBuilder ascii) {
    room(ascii.length());
    put(ascii, 0, ascii.length());
  }

  private void put(StringBuilder ascii, int from, int to) {
    for (int i = from; i < to; i++) {
      text[length++] = (byte) ascii.charAt(i);
    }
  }

  /** Writes a string of UTF-8 bytes in quotation marks. */
  void string(byte[] utf8) {
    room(6L * utf8.length + 2);
    text[length++] = '"';
    for (byte unit : utf8) {
      switch (unit) {
        case '"', '\\' -> escape(unit);
        case '\b' -> escape('b');
        case '\f' -> escape('f');
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        default -> plain(unit);
      }
    }
    text[length++] = '"';
  }

  private void escape(int letter) {
    text[length++] = '\\';
    text[length++] = (byte) letter;
  }

  private void plain(byte unit) {
    if (unit >= 0 && unit < ' ') {
      escape('u');
      text[length++] = '0';
      text[length++] = '0';
      text[length++] = HEX[unit >> 4];
      text[length++] = HEX[unit & 0xF];
    } else {
      text[length++] = unit;
    }
  }

  /** Writes bytes as TensorFlow Serving's {@code {"b64": "..."}}. */
  void base64(byte[] bytes) {
    raw("{\"b64\": \"");
    byte[] encoded = Base64.getEncoder().encode(bytes);
    room(encoded.length);
    System.arraycopy(encoded, 0, text, length, encoded.length);
    length += encoded.length;
    raw("\"}");
  }

  private void room(long more) {
    if (text.length - length < more) {
      long wanted = Math.max(2L * text.length, length + more);
      text = Arrays.copyOf(text, Math.toIntExact(Math.min(wanted, Integer.MAX_VALUE - 8)));
    }
  }
}
