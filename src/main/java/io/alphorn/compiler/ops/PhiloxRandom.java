package io.alphorn.compiler.ops;

/**
 * TensorFlow's stateless random numbers on a CPU: Philox 4x32 with ten rounds (Salmon et al. 2011),
 * with the key and the counter that TensorFlow makes of a seed. Follows {@code
 * tensorflow/core/lib/random/philox_random.h} and {@code random_distributions.h}.
 */
final class PhiloxRandom {
  private static final int WORDS = 4;
  private static final int ROUNDS = 10;
  private static final int[] SEED_KEY = {0x3ec8f720, 0x02461e29};
  private static final long MASK = 0xffffffffL;
  private static final double SMALLEST = 1e-7;

  private final int[] key;
  private final int[] stream;

  private PhiloxRandom(int[] key, int[] stream) {
    this.key = key;
    this.stream = stream;
  }

  /** The numbers of the seed that Keras makes of an integer: that integer and 0. */
  static PhiloxRandom ofSeed(long seed) {
    int[] mixed = block(new int[] {(int) seed, (int) (seed >>> 32), 0, 0}, SEED_KEY);
    return new PhiloxRandom(new int[] {mixed[0], mixed[1]}, new int[] {mixed[2], mixed[3]});
  }

  /** Standard normal numbers by Box and Muller, computed in float32. */
  double[] normalFloats(int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i += 2) {
      int[] words = words(i / WORDS);
      float first = Math.max(uniformFloat(words[i % WORDS]), (float) SMALLEST);
      float angle = (float) (2 * Math.PI) * uniformFloat(words[i % WORDS + 1]);
      float radius = (float) Math.sqrt(-2 * (float) Math.log(first));
      put(numbers, i, (float) Math.sin(angle) * radius, (float) Math.cos(angle) * radius);
    }
    return numbers;
  }

  /** Standard normal numbers by Box and Muller, computed in float64. */
  double[] normalDoubles(int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i += 2) {
      int[] words = words(i / 2);
      double first = Math.max(uniformDouble(words[0], words[1]), SMALLEST);
      double angle = 2 * Math.PI * uniformDouble(words[2], words[3]);
      double radius = Math.sqrt(-2 * Math.log(first));
      put(numbers, i, Math.sin(angle) * radius, Math.cos(angle) * radius);
    }
    return numbers;
  }

  private static void put(double[] numbers, int index, double first, double second) {
    numbers[index] = first;
    if (index + 1 < numbers.length) {
      numbers[index + 1] = second;
    }
  }

  private int[] words(int counter) {
    return block(new int[] {counter, 0, stream[0], stream[1]}, key);
  }

  private static int[] block(int[] counter, int[] key) {
    int[] c = counter.clone();
    int[] k = key.clone();
    for (int round = 0; round < ROUNDS; round++) {
      long first = 0xD2511F53L * (c[0] & MASK);
      long second = 0xCD9E8D57L * (c[2] & MASK);
      c =
          new int[] {
            (int) (second >>> 32) ^ c[1] ^ k[0],
            (int) second,
            (int) (first >>> 32) ^ c[3] ^ k[1],
            (int) first
          };
      k[0] += 0x9E3779B9;
      k[1] += 0xBB67AE85;
    }
    return c;
  }

  /** The low 23 bits as the mantissa of a number from 0 to 1. */
  private static float uniformFloat(int word) {
    return Float.intBitsToFloat(127 << 23 | word & 0x7fffff) - 1;
  }

  /** 20 bits of one word and all of the other as the mantissa of a number from 0 to 1. */
  private static double uniformDouble(int high, int low) {
    long mantissa = (high & 0xfffffL) << 32 | low & MASK;
    return Double.longBitsToDouble(1023L << 52 | mantissa) - 1;
  }
}
