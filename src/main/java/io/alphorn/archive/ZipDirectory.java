package io.alphorn.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.alphorn.error.AlphornException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The members of a zip archive, read from its central directory. Stored members are windows of the
 * file itself; deflated ones are unpacked when asked for.
 *
 * <p>What two readers of zip may understand differently is refused: names that occur twice, a local
 * name other than the central one, names that lead out of the archive.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE.TXT</a>
 */
final class ZipDirectory {
  private static final byte[] SIGNATURE = "PK\3\4".getBytes(US_ASCII);
  private static final String CENTRAL_SIGNATURE = "PK\1\2";
  private static final int END_SIGNATURE = 'P' | 'K' << 8 | 5 << 16 | 6 << 24;
  private static final byte[] ZIP64_LOCATOR_SIGNATURE = "PK\6\7".getBytes(US_ASCII);
  private static final String ZIP64_END_SIGNATURE = "PK\6\6";

  private static final int END_SIZE = 22;
  private static final int MAX_COMMENT = 0xFFFF;
  private static final int ZIP64_LOCATOR_SIZE = 20;
  private static final int ZIP64_EXTRA = 1;
  private static final long IN_ZIP64 = 0xFFFFFFFFL;
  private static final long IN_ZIP64_MEMBERS = 0xFFFF;
  private static final int ENCRYPTED = 1;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final Bytes file;
  private final Map<String, Member> members;

  private ZipDirectory(Bytes file, Map<String, Member> members) {
    this.file = file;
    this.members = Collections.unmodifiableMap(members);
  }

  /** Whether the bytes begin like a zip archive, be it an empty one. */
  static boolean isZip(Bytes file) {
    return file.startsWith(0, SIGNATURE)
        || (file.size() >= END_SIZE && file.int32(0) == END_SIGNATURE);
  }

  static ZipDirectory read(Bytes file, Budget budget) {
    End end = findEnd(file);
    ArchiveLimits limits = budget.limits();
    if (end.members() > limits.maxMembers()) {
      throw AlphornException.resourceExhausted(
          "%s: %d members, more than the limit of %d",
          file.name(), end.members(), limits.maxMembers());
    }
    Map<String, Member> members = new LinkedHashMap<>();
    ByteCursor cursor = new ByteCursor(file.slice(end.offset(), end.size()));
    for (long i = 0; i < end.members(); i++) {
      Member member = readMember(file, cursor);
      requireSafe(file, member.name());
      if (members.put(member.name(), member) != null) {
        throw AlphornException.invalidArgument(
            "%s: member '%s' occurs twice", file.name(), member.name());
      }
      if (member.size() > limits.maxMemberBytes()) {
        throw AlphornException.resourceExhausted(
            "%s: member '%s' unpacks to %d bytes, more than the limit of %d",
            file.name(), member.name(), member.size(), limits.maxMemberBytes());
      }
      if (member.method() == DEFLATED) {
        budget.unpack(file.name() + ": member '" + member.name() + "'", member.size());
      }
    }
    return new ZipDirectory(file, members);
  }

  /** Names of the members in the archive's order, directories left out. */
  Set<String> names() {
    return members.keySet();
  }

  /** The contents of a member without a check of its CRC-32, which would touch every byte. */
  Optional<Bytes> contents(String name) {
    Member member = members.get(name);
    return member == null ? Optional.empty() : Optional.of(open(member));
  }

  /** The contents of a member, checked against its CRC-32. */
  Optional<Bytes> checkedContents(String name) {
    Member member = members.get(name);
    if (member == null) {
      return Optional.empty();
    }
    Bytes contents = open(member);
    CRC32 crc = new CRC32();
    crc.update(contents.buffer());
    if (crc.getValue() != member.crc()) {
      throw AlphornException.invalidArgument(
          "%s: damaged: its CRC-32 is %08x, not %08x as declared",
          contents.name(), crc.getValue(), member.crc());
    }
    return Optional.of(contents);
  }

  private Bytes open(Member member) {
    String place = file.name() + ": member '" + member.name() + "'";
    Bytes packed = file.slice(place, dataOffset(member), member.packedSize());
    return switch (member.method()) {
      case STORED -> {
        if (member.size() != member.packedSize()) {
          throw AlphornException.invalidArgument(
              "%s: stored as it is, yet of size %d and %d",
              place, member.packedSize(), member.size());
        }
        yield packed;
      }
      case DEFLATED -> Inflation.raw(packed, member.size());
      default ->
          throw AlphornException.unimplemented(
              "%s: compression method %d; only stored (0) and deflated (8) are read",
              place, member.method());
    };
  }

  private long dataOffset(Member member) {
    ByteCursor local = new ByteCursor(file, member.headerOffset());
    local.expect("PK\3\4");
    local.skip(22);
    int nameLength = local.uint16();
    int extraLength = local.uint16();
    String localName = local.take(nameLength).text();
    if (!localName.equals(member.name())) {
      throw AlphornException.invalidArgument(
          "%s: member '%s' of the central directory calls itself '%s'",
          file.name(), member.name(), localName);
    }
    return local.position() + extraLength;
  }

  private static Member readMember(Bytes file, ByteCursor cursor) {
    cursor.expect(CENTRAL_SIGNATURE);
    cursor.skip(4);
    int flags = cursor.uint16();
    int method = cursor.uint16();
    cursor.skip(4);
    long crc = cursor.uint32();
    long packedSize = cursor.uint32();
    long size = cursor.uint32();
    int nameLength = cursor.uint16();
    int extraLength = cursor.uint16();
    int commentLength = cursor.uint16();
    cursor.skip(8);
    long headerOffset = cursor.uint32();
    String name = cursor.take(nameLength).text();
    Bytes extra = cursor.take(extraLength);
    cursor.skip(commentLength);
    if ((flags & ENCRYPTED) != 0) {
      throw AlphornException.invalidArgument(
          "%s: member '%s' is encrypted; Keras writes no such archive", file.name(), name);
    }
    Member member = new Member(name, method, crc, packedSize, size, headerOffset);
    Member complete = member.needsZip64() ? member.withZip64(extra) : member;
    if (complete.size() < 0) {
      throw AlphornException.invalidArgument(
          "%s: member '%s' declares an impossible size", file.name(), name);
    }
    return complete;
  }

  private static void requireSafe(Bytes file, String name) {
    if (!SafeNames.isPath(name)) {
      throw AlphornException.invalidArgument(
          "%s: member name '%s' is not a plain path inside the archive",
          file.name(), name.replace('\0', '?'));
    }
  }

  private static End findEnd(Bytes file) {
    long lowest = Math.max(0, file.size() - END_SIZE - MAX_COMMENT);
    for (long at = file.size() - END_SIZE; at >= lowest; at--) {
      if (file.int32(at) == END_SIGNATURE
          && file.uint16(at + END_SIZE - 2) == file.size() - at - END_SIZE) {
        return readEnd(file, at);
      }
    }
    throw AlphornException.invalidArgument(
        "%s: a zip archive that is cut short: its central directory is missing", file.name());
  }

  private static End readEnd(Bytes file, long at) {
    ByteCursor cursor = new ByteCursor(file, at + 10);
    End end = new End(cursor.uint16(), cursor.uint32(), cursor.uint32());
    long locator = at - ZIP64_LOCATOR_SIZE;
    if (!file.startsWith(locator, ZIP64_LOCATOR_SIGNATURE)) {
      return end;
    }
    End wide = readZip64End(file, file.int64(locator + 8));
    if (!end.isNarrowFormOf(wide)) {
      throw AlphornException.invalidArgument(
          "%s: the two ends of its central directory contradict each other", file.name());
    }
    return wide;
  }

  private static End readZip64End(Bytes file, long at) {
    ByteCursor cursor = new ByteCursor(file, at);
    cursor.expect(ZIP64_END_SIGNATURE);
    cursor.skip(28);
    long count = cursor.int64();
    long size = cursor.int64();
    return new End(count, size, cursor.int64());
  }

  /** Where the central directory lies and what it holds. */
  private record End(long members, long size, long offset) {
    /** Whether each number here is the wide one, or says that it did not fit. */
    boolean isNarrowFormOf(End wide) {
      return (members == wide.members || members == IN_ZIP64_MEMBERS)
          && (size == wide.size || size == IN_ZIP64)
          && (offset == wide.offset || offset == IN_ZIP64);
    }
  }

  private record Member(
      String name, int method, long crc, long packedSize, long size, long headerOffset) {

    boolean needsZip64() {
      return packedSize == IN_ZIP64 || size == IN_ZIP64 || headerOffset == IN_ZIP64;
    }

    /** The extra field holds, in this order, only those numbers that did not fit 32 bits. */
    Member withZip64(Bytes extra) {
      ByteCursor cursor = new ByteCursor(extra);
      while (cursor.remaining() >= 4) {
        int id = cursor.uint16();
        Bytes field = cursor.take(cursor.uint16());
        if (id == ZIP64_EXTRA) {
          ByteCursor wide = new ByteCursor(field);
          long wideSize = size == IN_ZIP64 ? wide.int64() : size;
          long widePacked = packedSize == IN_ZIP64 ? wide.int64() : packedSize;
          long wideOffset = headerOffset == IN_ZIP64 ? wide.int64() : headerOffset;
          return new Member(name, method, crc, widePacked, wideSize, wideOffset);
        }
      }
      return this;
    }
  }
}
