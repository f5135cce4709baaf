package io.alphorn.api.openinference;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * How an answer is compressed. Most HTTP libraries accept several codings on their own, which is no
 * wish for the time that compressing floats takes; a client that asks for exactly one means it, as
 * Triton's do.
 */
enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  private static final int BUFFER_BYTES = 1 << 13;

  /** The coding that an {@code Accept-Encoding} asks for. */
  static ContentCoding askedFor(@Nullable String accepted) {
    return switch (accepted == null ? "" : accepted.strip().toLowerCase(Locale.ROOT)) {
      case "gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default -> IDENTITY;
    };
  }

  /** What {@code Content-Encoding} says. */
  Optional<String> header() {
    return this == IDENTITY ? Optional.empty() : Optional.of(name().toLowerCase(Locale.ROOT));
  }

  Buffer encode(Buffer body) {
    return switch (this) {
      case IDENTITY -> body;
      case GZIP -> encode(body, bytes -> new GZIPOutputStream(bytes, BUFFER_BYTES));
      case DEFLATE -> encode(body, bytes -> new DeflaterOutputStream(bytes));
    };
  }

  /** Opens a stream that compresses into another. */
  @FunctionalInterface
  private interface Encoder {
    OutputStream over(OutputStream bytes) throws IOException;
  }

  private static Buffer encode(Buffer body, Encoder encoder) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (OutputStream out = encoder.over(encoded)) {
      out.write(body.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    return Buffer.buffer(encoded.toByteArray());
  }
}
