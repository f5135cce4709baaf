package io.alphorn.compiler.preprocessing;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;

/** The hash functions of TensorFlow's string operators, bit for bit. */
final class Fingerprints {
  private static final long MULTIPLIER = 0xc6a4a7935bd1e995L;
  private static final int SHIFT = 47;

  private static final HashFunction FARM = Hashing.farmHashFingerprint64();

  private Fingerprints() {}

  /** {@code tf.strings.to_hash_bucket_fast}: FarmHash's Fingerprint64. */
  static long farm(byte[] bytes) {
    return FARM.hashBytes(bytes).asLong();
  }

  /** {@code tf.strings.to_hash_bucket_strong}: SipHash-2-4 under a key of two words. */
  static HashFunction sip(long key0, long key1) {
    return Hashing.sipHash24(key0, key1);
  }

  /** The bucket of an unsigned hash. */
  static long bucket(long hash, long buckets) {
    return Long.remainderUnsigned(hash, buckets);
  }

  /** TensorFlow's FingerprintCat64, which joins two fingerprints. */
  static long concatenate(long first, long second) {
    long result = first ^ MULTIPLIER;
    result ^= mixed(second * MULTIPLIER) * MULTIPLIER;
    result *= MULTIPLIER;
    result = mixed(result) * MULTIPLIER;
    return mixed(result);
  }

  private static long mixed(long value) {
    return value ^ (value >>> SHIFT);
  }
}
